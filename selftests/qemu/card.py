#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
#
# card.py WORK TAPCOMPAT QEMU...
#
# Migrates a guest that is nothing but a network driver (card_guest.S) from a QEMU to another,
# with two cards that differ, and compares what QEMU does with what tapcompat foretells.
import json
import os
import subprocess
import sys
import time

work, tapcompat, *qemus = sys.argv[1:]
MACHINE = 'pc-q35-7.2'
PATIENCE = 60
MAC = 'mac=52:54:00:00:00:01'
CAPS = '../documents/linux-6.12.json'
taps = 0

# Name; options of the card of the source and of the destination; queues of both; what QEMU
# says where it refuses the machine, or '' where it lands; tapcompat's verdict, and of what.
CONFIG = 'Bad config data'
FEATURES = 'unsupported. Allowed features'
PAIRS = 'max_queue_pairs'
CASES = [
    ('nothing differs', '', '', 1, 1, '', ''),
    ('host_mtu is lost', 'host_mtu=1450', '', 1, 1, FEATURES, 'host-mtu fail'),
    ('host_mtu is gained', '', 'host_mtu=1450', 1, 1, CONFIG, 'host-mtu fail'),
    ('host_mtu is gained, no legacy', 'disable-legacy=on', 'disable-legacy=on,host_mtu=1450',
     1, 1, '', 'host-mtu warn'),
    ('host_mtu is gained, long configuration', 'mq=on,vectors=6',
     'mq=on,vectors=6,host_mtu=1450', 2, 2, '', 'host-mtu warn'),
    ('another host_mtu', 'host_mtu=1450', 'host_mtu=9000', 1, 1, '', 'host-mtu warn'),
    ('rx_queue_size', 'rx_queue_size=1024', '', 1, 1, '', 'rx-queue-size warn'),
    ('rx_queue_size, larger', '', 'rx_queue_size=1024', 1, 1, '', 'rx-queue-size warn'),
    ('vectors', 'vectors=6', '', 1, 1, CONFIG, 'vectors fail'),
    ('fewer vectors', '', 'vectors=6', 1, 1, CONFIG, 'vectors fail'),
    ('no vectors', 'vectors=0', '', 1, 1, CONFIG, 'vectors fail'),
    ('more queues', 'mq=on,vectors=10', 'mq=on,vectors=10', 2, 4, PAIRS, 'queue-pairs fail'),
    ('fewer queues', 'mq=on,vectors=10', 'mq=on,vectors=10', 4, 2, PAIRS, 'queue-pairs fail'),
    ('fewer queues, vectors by default', 'mq=on', 'mq=on', 2, 1, CONFIG,
     'queue-pairs fail, vectors fail'),
    ('failover is lost', 'failover=on', '', 1, 1, FEATURES, 'failover fail'),
    ('failover is gained', '', 'failover=on', 1, 1, '', 'failover warn'),
    ('speed is lost', 'speed=10000,duplex=full', '', 1, 1, FEATURES,
     'speed fail, duplex fail'),
    ('speed is gained', '', 'speed=10000', 1, 1, CONFIG, 'speed fail'),
    ('another speed', 'speed=10000', 'speed=1000', 1, 1, '', 'speed warn'),
    ('duplex instead of speed', 'speed=10000', 'duplex=full', 1, 1, '',
     'speed warn, duplex warn'),
    ('page-per-vq', 'page-per-vq=on', '', 1, 1, CONFIG, 'page-per-vq fail'),
    ('no page-per-vq', '', 'page-per-vq=on', 1, 1, CONFIG, 'page-per-vq fail'),
    ('transitional', 'disable-legacy=off', 'disable-legacy=on', 1, 1, CONFIG,
     'disable-legacy fail'),
    ('not transitional', 'disable-legacy=on', 'disable-legacy=off', 1, 1, CONFIG,
     'disable-legacy fail'),
    ('another address', MAC, 'mac=52:54:00:00:00:02', 1, 1, '', 'mac warn'),
]
# Features: nothing for the card to tell, since the record's features have them.
FEATURE_CASES = [
    ('mq is lost', 'mq=on', 'mq=off', 2, 2, FEATURES, None),
    ('rss is lost', 'rss=on', '', 1, 1, FEATURES, None),
    ('rss is gained', '', 'rss=on', 1, 1, CONFIG, None),
    ('hash is gained', '', 'hash=on', 1, 1, CONFIG, None),
    ('status is lost', '', 'status=off', 1, 1, FEATURES, None),
]


class Gone(Exception):
    pass


class Qemu:
    def __init__(self, program, net, device, *more):
        self.said = ''
        self.process = subprocess.Popen(
            [program, '-machine', MACHINE, '-nodefaults', '-display', 'none', '-m', '16',
             '-accel', 'tcg', '-bios', f'{work}/guest.bin', '-netdev', net, '-device', device,
             '-qmp', 'stdio', *more], text=True, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.line()
        self.command('qmp_capabilities')

    def line(self):
        line = self.process.stdout.readline()
        if not line:
            raise Gone
        return json.loads(line)

    def command(self, name, **arguments):
        try:
            json.dump({'execute': name, 'arguments': arguments}, self.process.stdin)
            self.process.stdin.write('\n')
            self.process.stdin.flush()
        except BrokenPipeError:
            raise Gone from None
        while True:
            answer = self.line()
            if 'error' in answer:
                sys.exit(f"Bail out! {name}: {answer['error']['desc']}")
            if 'return' in answer:
                return answer['return']

    # A script may have started it by exec.
    def pid(self):
        return self.process.pid

    def migrated(self):
        return until(lambda: self.command('query-migrate').get('status') in
                     ('completed', 'failed'))

    def end(self):
        self.process.kill()
        self.said = self.process.communicate()[1]
        return self.said


def until(done):
    end = time.monotonic() + PATIENCE
    while not done():
        if time.monotonic() > end:
            sys.exit('Bail out! a QEMU takes too long')
        time.sleep(0.01)


def arguments(options, queues):
    global taps
    taps += 1
    net = f'tap,id=n,ifname=t{taps},script=no,downscript=no'
    net += f',queues={queues}' if queues > 1 else ''
    more = f',{options}' if options else ''
    device = f'virtio-net-pci,netdev=n,id=card,addr=2,romfile=,{MAC}{more}'
    # Without it, a machine type's slot decides.
    device += '' if 'disable-legacy' in options else ',disable-legacy=off'
    return net, device


def save(program, card, path):
    debug = f'{work}/debug'
    with open(debug, 'w'):
        pass
    qemu = Qemu(program, *card, '-debugcon', f'file:{debug}')
    until(lambda: open(debug).read() == '!')
    qemu.command('stop')
    qemu.command('migrate', uri=f'exec:cat >{path}')
    qemu.migrated()
    qemu.end()


# What QEMU says on stderr if it refuses the state; '' if it takes it.
def load(program, card, path):
    qemu = None
    try:
        qemu = Qemu(program, *card, '-debugcon', 'null', '-S', '-incoming',
                    f'exec:cat {path}')
        qemu.migrated()
        done = qemu.command('query-migrate')['status'] == 'completed'
    except Gone:
        done = False
    said = qemu.end() if qemu else ''
    return '' if done else said or 'it ended'


def foretold(source, destination):
    def args(card):
        return f"--qemu-args=-machine {MACHINE} -netdev {card[0]} -device {card[1]}"

    record = f'{work}/record.json'
    with open(record, 'w') as out:
        subprocess.run([tapcompat, 'record', '--require=csum', f'--caps={CAPS}',
                        args(source)], stdout=out, stderr=subprocess.DEVNULL, check=True)
    run = subprocess.run([tapcompat, 'check', '-j', f'--vm={record}', f'--caps={CAPS}',
                          args(destination)], stdout=subprocess.PIPE,
                         stderr=subprocess.DEVNULL, text=True)
    answer = json.loads(run.stdout)
    if (run.returncode == 1) != ('fail' in [n['verdict'] for n in answer.get('nic', [])]):
        return f'exit status {run.returncode}'
    return ', '.join(f"{n['name']} {n['verdict']}" for n in answer.get('nic', []))


# What is read from a running QEMU is what its command line says.
def read_from(program):
    card = arguments('host_mtu=1450,mq=on,rx_queue_size=512,speed=1000,duplex=full,'
                     'failover=on', 3)
    path = f'{work}/qmp'
    qemu = Qemu(program, *card, '-S', '-debugcon', 'null', '-qmp',
                f'unix:{path},server=on,wait=off', '-netdev', 'user,id=u', '-device',
                'virtio-net-pci-non-transitional,netdev=u,romfile=')
    nics = []
    for option in (f'--qmp={path}', f'--qemu-args=@/proc/{qemu.pid()}/cmdline', f'--qemu-args=-machine {MACHINE} -netdev {card[0]} '
                   f'-device {card[1]} -device virtio-net-pci'):
        run = subprocess.run([tapcompat, 'record', '--require=csum', f'--caps={CAPS}',
                              '--interface=card', option], stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, text=True)
        nics.append(json.loads(run.stdout)['nic'] if run.stdout else run.stderr)
    qemu.end()
    return nics


# A QEMU started with the flags that are printed for a record has the card of the record.
def started_by_flags(program):
    list_ = ('host-mtu=1450,queue-pairs=3,vectors=9,rx-queue-size=1024,failover=on,'
             'speed=10000,duplex=full,page-per-vq=on,disable-legacy=on')
    record, path = f'{work}/record.json', f'{work}/qmp'
    options = [f'--caps={CAPS}', f'--qemu-version={version(program)}']

    def said(*command):
        return subprocess.run([tapcompat, *command], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True, check=True).stdout

    with open(record, 'w') as out:
        out.write(said('record', '--model=tapnet-v1', f'--nic={list_}', *options))
    recorded = json.load(open(record))
    card = arguments('', 3)
    plain = card[1].replace(',disable-legacy=off', '')
    flags = said('baseline', f'--vm={record}', '--format=qemu-global', CAPS).split()
    for device, more in ((f"{plain},{recorded['device']}", []), (plain, flags)):
        qemu = Qemu(program, card[0], device, '-S', '-debugcon', 'null', '-qmp',
                    f'unix:{path},server=on,wait=off', *more)
        nic = json.loads(said('record', '--require=csum', f'--qmp={path}', *options))['nic']
        mq = qemu.command('qom-get', path='/machine/peripheral/card', property='mq')
        qemu.end()
        differ = {k: (v, nic.get(k)) for k, v in recorded['nic'].items() if nic.get(k) != v}
        if differ or not mq:
            return f'{device} {more}: mq {mq}, {differ}'
    return ''


def version(program):
    return subprocess.run([program, '--version'], stdout=subprocess.PIPE,
                          text=True).stdout.split()[3]


def main():
    failed = number = 0

    def point(good, name, said=''):
        nonlocal failed, number
        number += 1
        failed += not good
        for line in [] if good else said.splitlines()[-20:]:
            print('#', line)
        print('ok' if good else 'not ok', number, name, flush=True)

    pairs = [(a, b) for i, a in enumerate(qemus) for b in qemus[i:]]
    for name, there, here, queues, queues_here, refused, verdict in CASES + FEATURE_CASES:
        source, destination = arguments(there, queues), arguments(here, queues_here)
        for a, b in pairs:
            save(a, source, f'{work}/state')
            said = load(b, destination, f'{work}/state')
            point(refused in said if refused else not said,
                  f'{name}: {version(a)} to {version(b)}: '
                  f'{"refused" if refused else "lands"}', said or 'it landed')
        if verdict is not None:
            is_ = foretold(source, destination)
            point(is_ == verdict, f'{name}: tapcompat says so',
                  f'it says "{is_}" instead of "{verdict}"')
    for program in qemus:
        running, *args = read_from(program)
        good = isinstance(running, dict) and running['queue-pairs'] == 3
        point(good and args == [running, running],
              f'QEMU {version(program)} is read over QMP', f'{running}\n{args}')
        said = started_by_flags(program)
        point(not said, f'QEMU {version(program)} has the card of the flags', said)
    print(f'1..{number}')
    return failed != 0


sys.exit(main())
