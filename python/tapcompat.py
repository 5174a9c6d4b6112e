# SPDX-License-Identifier: LGPL-2.1-or-later
"""
What a host's tap, macvtap and vhost-net provide to QEMU's virtio-net: libtapcompat in Python.

Answers are the library's documents as dicts; the JSON schemas beside the library's headers
describe them.  Features are given by name, such as "host_uso"; feature masks as text, such as
"0x1c0010130afffaf", or as int.

    import tapcompat

    here = tapcompat.probe()
    answer = tapcompat.check(here, "vhost-net", ["host_uso", "guest_uso4"])
    print(answer["exit"], answer["ways-out"])

Nothing here prints.  What the library refuses is raised as tapcompat.Error.  An object may be
used by one thread at a time.
"""
import ctypes
import json
import os
import weakref

__all__ = ["Capabilities", "Error", "baseline", "check", "compare", "explain", "explain_log",
           "load", "parse", "probe", "version"]

SONAME = "libtapcompat.so.0"
BACKENDS = ("tap", "macvtap", "vhost-net", "vhost-vdpa", "ebpf-rss")
FORMATS = ("json", "qemu", "qemu-global", "libvirt", "virt-xml", "proxmox")

PROBE_NO_VERIFY, PROBE_LOAD_MODULES = 1, 2
CHECK_ALLOW_EMULATED = SET_EMULATED = FLEET_EMULATED = 1
FLEET_NO_DEPRECATED = 4


class Error(Exception):
    """What failed; errno is that of the library, a positive number."""

    def __init__(self, message, number=0):
        super().__init__(message)
        self.errno = number


# ---- The structs of the headers ------------------------------------------------


class Mask(ctypes.Structure):
    """struct tapcompat_mask"""
    _fields_ = [("word", ctypes.c_uint64 * 2)]


class ErrorText(ctypes.Structure):
    """struct tapcompat_error"""
    _fields_ = [("text", ctypes.c_char * 512)]


class ProbeOptions(ctypes.Structure):
    """struct tapcompat_probe_options"""
    _fields_ = [("size", ctypes.c_size_t), ("flags", ctypes.c_uint), ("backends", ctypes.c_uint),
                ("progress", ctypes.c_void_p), ("arg", ctypes.c_void_p)]


class FleetOptions(ctypes.Structure):
    """struct tapcompat_fleet_options"""
    _fields_ = [("size", ctypes.c_size_t), ("flags", ctypes.c_uint), ("backends", ctypes.c_uint),
                ("qemu", ctypes.c_char_p), ("ask_for", Mask), ("acked", Mask), ("forced", Mask),
                ("progress", ctypes.c_void_p), ("complain", ctypes.c_void_p),
                ("arg", ctypes.c_void_p), ("without", Mask), ("nic", ctypes.c_char_p)]


class ExplainOptions(ctypes.Structure):
    """struct tapcompat_explain_options"""
    _fields_ = [("size", ctypes.c_size_t), ("host", ctypes.c_void_p), ("offer", ctypes.c_void_p),
                ("qemu", ctypes.c_char_p), ("machine", ctypes.c_char_p),
                ("progress", ctypes.c_void_p), ("arg", ctypes.c_void_p)]


def _options(kind, **members):
    return kind(size=ctypes.sizeof(kind), **members)


# ---- The library -----------------------------------------------------------------


def _open():
    """The library of the same installation, else the one that the dynamic linker finds."""
    beside = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", SONAME)
    return ctypes.CDLL(beside if os.path.exists(beside) else SONAME)


_lib = _open()
_free = ctypes.CDLL(None).free
_free.argtypes, _free.restype = [ctypes.c_void_p], None


def _declare():
    """Results and arguments: P is any pointer, S a const char *, N an int, U an unsigned int,
    Z a size_t, M a mask by value, V nothing."""
    types = {"P": ctypes.c_void_p, "S": ctypes.c_char_p, "N": ctypes.c_int, "U": ctypes.c_uint,
             "Z": ctypes.c_size_t, "M": Mask, "V": None}
    for line in """version S
            probe NPPP
            caps_load NSPP
            caps_parse NSZSPP
            caps_json PPU
            caps_free VP
            require_parse NSPP
            mask_parse NSP
            check PPNMU
            check_json PPU
            check_free VP
            set_load NSUPP
            set_of PPSU
            set_free VP
            compare NPPUPP
            comparison_json PPU
            comparison_free VP
            fleet_new NPPP
            fleet_add NPP
            fleet_load NPSP
            fleet_undecided SP
            fleet_lacks SP
            fleet_format PPNSU
            fleet_free VP
            explain_masks PPPP
            explain_log_new PPN
            explain_log_text NPSZ
            explain_log_take NPNP
            explain_log_free VP
            explanations_json PPZU
            explanation_free VP""".splitlines():
        name, letters = line.split()
        function = getattr(_lib, "tapcompat_" + name)
        function.restype = types[letters[0]]
        function.argtypes = [types[letter] for letter in letters[1:]]


_declare()


class _Owned:
    """A pointer that a function of the library releases."""

    def __init__(self, pointer, free):
        if not pointer:
            raise MemoryError
        self._as_parameter_ = pointer
        weakref.finalize(self, free, pointer)


def _text(pointer):
    """A string that the caller frees."""
    if not pointer:
        raise MemoryError
    try:
        return ctypes.string_at(pointer).decode()
    finally:
        _free(pointer)


def _made(function, *arguments):
    """Call a function whose last two arguments are where to put the object and the error."""
    pointer, error = ctypes.c_void_p(), ErrorText()
    _succeed(function(*arguments, ctypes.byref(pointer), ctypes.byref(error)), error)
    return pointer.value


def _succeed(result, error):
    if result < 0:
        text = error.text.decode(errors="replace")
        raise Error(text or os.strerror(-result), -result)


def _bytes(text):
    """A string for C, which would end at a NUL."""
    text = os.fsencode(text)
    if b"\0" in text:
        raise ValueError("a NUL in a name")
    return text


def _optional(text):
    return None if text is None else _bytes(text)


def _caps(caps):
    if not isinstance(caps, Capabilities):
        raise TypeError(f"Capabilities are needed, not {type(caps).__name__}")
    return caps


def _number(name, names, what):
    if name not in names:
        raise ValueError(f"{what} {name!r} is not one of {', '.join(names)}")
    return names.index(name)


def _backends(names):
    return sum({1 << _number(name, BACKENDS, "backend") for name in names})


def _features(names):
    """Their mask, from a list of names or a text with commas."""
    text = names if isinstance(names, str) else ",".join(names)
    mask, error = Mask(), ErrorText()
    if text:
        _succeed(_lib.tapcompat_require_parse(_bytes(text), ctypes.byref(mask),
                                              ctypes.byref(error)), error)
    return mask


def _mask(value):
    """A mask, from text such as "0x1c0010130afffaf" or an int."""
    text, mask = hex(value) if isinstance(value, int) else value, Mask()
    result = _lib.tapcompat_mask_parse(_bytes(text), ctypes.byref(mask))
    if result < 0:
        raise Error(f"{text!r} is not a mask: 0x and 1 to 32 hexadecimal digits", -result)
    return mask


# ---- What it is for ----------------------------------------------------------------


def version():
    """The version of the library that was loaded, such as "0.1.0"."""
    return _lib.tapcompat_version().decode()


class Capabilities(_Owned):
    """What a host provides.  Returned by probe(), load() and parse()."""

    def __init__(self, pointer):
        super().__init__(pointer, _lib.tapcompat_caps_free)

    @property
    def document(self):
        """The document, tapcompat-capabilities(5).  It has a member "error" if nothing could
        be determined."""
        return json.loads(_text(_lib.tapcompat_caps_json(self, 0)))


def probe(backends=(), verify=True, load_modules=False):
    """
    Determine what this host provides, with these backends, or all.

    Takes about a second, or below 0.2 s if verify is False: then no frames are sent.  Works in
    a child process that is made by fork(2); do not call while another thread may hold a lock
    of malloc or stdio.
    """
    flags = (not verify) * PROBE_NO_VERIFY | load_modules * PROBE_LOAD_MODULES
    options = _options(ProbeOptions, flags=flags, backends=_backends(backends))
    return Capabilities(_made(_lib.tapcompat_probe, ctypes.byref(options)))


def load(path):
    """What a host provides, from the file of a document."""
    return Capabilities(_made(_lib.tapcompat_caps_load, _bytes(path)))


def parse(text, name="document"):
    """What a host provides, from the text of a document; name is used in messages."""
    text = text if isinstance(text, bytes) else text.encode()
    return Capabilities(_made(_lib.tapcompat_caps_parse, text, len(text), _bytes(name)))


def check(caps, backend, require, allow_emulated=False):
    """
    Does a backend of a host provide these features, and what they need?

    Returns a document of schema tapcompat-check: its "exit" is 0 if it does.
    """
    number, flags = _number(backend, BACKENDS, "backend"), allow_emulated * CHECK_ALLOW_EMULATED
    answer = _lib.tapcompat_check(_caps(caps), number, _features(require), flags)
    answer = _Owned(answer, _lib.tapcompat_check_free)
    return json.loads(_text(_lib.tapcompat_check_json(answer, 0)))


def _set(side, emulated):
    flags = emulated * SET_EMULATED
    if isinstance(side, Capabilities):
        name = side.document["host"].get("name", "")
        pointer = _lib.tapcompat_set_of(side, _bytes(name), flags)
    else:
        side = hex(side) if isinstance(side, int) else side
        pointer = _made(_lib.tapcompat_set_load, _bytes(side), flags)
    return _Owned(pointer, _lib.tapcompat_set_free)


def compare(first, second, backends=(), emulated=False):
    """
    How do two sets of features relate?

    Each is Capabilities, a mask, the name of a model or the path of a document.  Returns a
    document of schema tapcompat-comparison: its "result" is identical, superset, subset or
    incompatible.
    """
    first, second = _set(first, emulated), _set(second, emulated)
    answer = _made(_lib.tapcompat_compare, first, second, _backends(backends))
    answer = _Owned(answer, _lib.tapcompat_comparison_free)
    return json.loads(_text(_lib.tapcompat_comparison_json(answer, 0)))


def _fleet(hosts, options):
    fleet = _Owned(_made(_lib.tapcompat_fleet_new, ctypes.byref(options)),
                   _lib.tapcompat_fleet_free)
    for host in hosts:
        error = ErrorText()
        if isinstance(host, Capabilities):
            result = _lib.tapcompat_fleet_add(fleet, host)
        else:
            result = _lib.tapcompat_fleet_load(fleet, _bytes(host), ctypes.byref(error))
        _succeed(result, error)
    for refuses in (_lib.tapcompat_fleet_undecided, _lib.tapcompat_fleet_lacks):
        why = refuses(fleet)
        if why:
            raise Error(why.decode())
    return fleet


def baseline(hosts, output="json", *, backends=(), qemu=None, ask_for=(), without=(), acked=0,
             guest=None, emulated=False, no_deprecated=False):
    """
    The features that a virtual machine can have on all hosts, each of which is Capabilities or
    the path of a file with documents.

    output "json" returns a document of schema tapcompat-baseline as a dict; "qemu",
    "qemu-global", "libvirt", "virt-xml" and "proxmox" return text.  qemu is the release of the
    oldest QEMU, such as "8.2".  ask_for are features to be switched on that QEMU has off;
    without, features to be switched off.  acked is the mask of a guest that runs, guest the
    name of its machine.
    """
    flags = emulated * FLEET_EMULATED | no_deprecated * FLEET_NO_DEPRECATED
    number = _number(output, FORMATS, "output")
    fleet = _fleet(hosts, _options(
        FleetOptions, flags=flags, backends=_backends(backends), qemu=_optional(qemu),
        ask_for=_features(ask_for), without=_features(without), acked=_mask(acked)))
    text = _text(_lib.tapcompat_fleet_format(fleet, number, _optional(guest), 0))
    return json.loads(text) if output == "json" else text


def _explanations(owned):
    pointers = (ctypes.c_void_p * len(owned))(*(one._as_parameter_ for one in owned))
    return json.loads(_text(_lib.tapcompat_explanations_json(pointers, len(owned), 0)))


def _explain_options(host, qemu, machine):
    pointer = None if host is None else _caps(host)._as_parameter_
    return _options(ExplainOptions, host=pointer, qemu=_optional(qemu), machine=_optional(machine))


def explain(acked, allowed=None, *, host=None, qemu=None, machine=None):
    """
    What do masks mean: the features that a guest acked, and those that the destination allows?

    host are the destination's Capabilities, qemu the release of its QEMU, machine the machine
    type.  Returns a document of schema tapcompat-explanation.
    """
    options = _explain_options(host, qemu, machine)
    acked, allowed = _mask(acked), None if allowed is None else ctypes.byref(_mask(allowed))
    answer = _lib.tapcompat_explain_masks(ctypes.byref(acked), allowed, ctypes.byref(options))
    return _explanations([_Owned(answer, _lib.tapcompat_explanation_free)])


def explain_log(text, *, host=None, qemu=None, machine=None):
    """
    The same for what QEMU's messages in a log say.  The text is not trusted.

    Returns a document of schema tapcompat-explanation, with no explanations if there is no such
    message.
    """
    text = text if isinstance(text, bytes) else text.encode()
    options = _explain_options(host, qemu, machine)
    log = _Owned(_lib.tapcompat_explain_log_new(ctypes.byref(options), 0),
                 _lib.tapcompat_explain_log_free)
    _succeed(_lib.tapcompat_explain_log_text(log, text, len(text)), ErrorText())
    found = []
    while True:
        one = ctypes.c_void_p()
        result = _lib.tapcompat_explain_log_take(log, 1, ctypes.byref(one))
        _succeed(result, ErrorText())
        if not result:
            return _explanations(found)
        found.append(_Owned(one.value, _lib.tapcompat_explanation_free))
