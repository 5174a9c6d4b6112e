#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
#
# qmp.py SOCKET COMMAND [NAME=VALUE…]	run a command and print its result
# qmp.py SOCKET until STATUS		wait for this status of the machine
# qmp.py SOCKET unplug ID		remove a device and wait until the guest has released it
# qmp.py SOCKET migrate-to URI		migrate and wait for the end
#
# A VALUE is JSON, or text if it is not valid JSON.  Fails with a message if QEMU fails or
# after a minute.
import json
import socket
import sys
import time

PATIENCE = 60
# Slow enough that many pages are dirtied after the first round.
BANDWIDTH = 96 << 20


class Failed(Exception):
    pass


class Qmp:
    def __init__(self, path):
        self.events = []
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(path)
        self.lines = self.socket.makefile('rw')
        self.message()
        self.command('qmp_capabilities')

    def message(self):
        line = self.lines.readline()
        if not line:
            raise Failed('QEMU is gone')
        return json.loads(line)

    def command(self, execute, arguments={}):
        self.lines.write(json.dumps({'execute': execute, 'arguments': arguments}) + '\n')
        self.lines.flush()
        while True:
            answer = self.message()
            if 'error' in answer:
                raise Failed(f"{execute}: {answer['error']['desc']}")
            if 'return' in answer:
                return answer['return']
            self.events.append(answer)

    # Events since the connection was made count.
    def event(self, name, device):
        while True:
            for event in self.events:
                if event['event'] == name and event['data'].get('device') == device:
                    return
            self.events = [self.message()]


def value(text):
    try:
        return json.loads(text)
    except ValueError:
        return text


def until(what, done):
    end = time.monotonic() + PATIENCE
    while not done():
        if time.monotonic() > end:
            raise Failed(f'{what}: it takes too long')
        time.sleep(0.05)


def migrate(qmp, uri):
    info = {}

    def over():
        info.update(qmp.command('query-migrate'))
        return info.get('status') in ('completed', 'failed', 'cancelled')

    # Otherwise the source completes when all is sent, whether or not the destination succeeds.
    qmp.command('migrate-set-capabilities',
                {'capabilities': [{'capability': 'return-path', 'state': True}]})
    qmp.command('migrate-set-parameters', {'max-bandwidth': BANDWIDTH, 'downtime-limit': 500})
    qmp.command('migrate', {'uri': uri})
    until('migration', over)
    if info['status'] != 'completed':
        raise Failed(f"migration {info['status']}: {info.get('error-desc')}")
    ram = info['ram']
    return (f"{ram['transferred'] >> 20} MiB in {info['total-time']} ms, "
            f"{ram['dirty-sync-count']} rounds, down for {info['downtime']} ms")


def main(path, name, *rest):
    qmp = Qmp(path)
    if name == 'until':
        until(f'status {rest[0]}',
              lambda: qmp.command('query-status')['status'] == rest[0])
    elif name == 'unplug':
        qmp.command('device_del', {'id': rest[0]})
        qmp.event('DEVICE_DELETED', rest[0])
    elif name == 'migrate-to':
        print(migrate(qmp, rest[0]))
    else:
        pairs = (argument.split('=', 1) for argument in rest)
        print(json.dumps(qmp.command(name, {key: value(text) for key, text in pairs})))


try:
    main(*sys.argv[1:])
except (Failed, OSError) as why:
    sys.exit(f'qmp: {why}')
