#!/usr/bin/env python3
"""Makes every test picture beside this script. Nothing here was photographed or downloaded.

    python3 make.py            writes the pictures and the table in README.md
    python3 make.py jpeg/ tiff/  only those whose path starts so

Pillow (with AVIF), pillow-heif, pillow-jxl-plugin and numpy do the pixel coding; containers that matter
(EXIF, PNG, TIFF, BMP, ICO, HEIF boxes, ICC) are written by hand here, so that every byte is ours to choose.
"""
import io, os, re, struct, sys, zlib
import numpy as np
from PIL import Image, ImageDraw

HERE = os.path.dirname(os.path.abspath(__file__))
ONLY = sys.argv[1:]
TABLE = []


def put(name, data, why):
    TABLE.append((name, len(data), why))
    if ONLY and not any(name.startswith(prefix) for prefix in ONLY):
        return
    path = os.path.join(HERE, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'wb') as f:
        f.write(data)


# ---------------------------------------------------------------- pixels
def scene(w, h, seed, noise=0.0):
    """A picture that looks a little like a landscape: sky, blobs of light, hills, things, texture. h x w x 3, u8."""
    rng = np.random.RandomState(seed)
    y, x = np.mgrid[0:h, 0:w].astype(np.float64)
    x, y = (x + 0.5) / w, (y + 0.5) / h
    top, low = rng.uniform(40, 200, 3), rng.uniform(60, 255, 3)
    img = top + (low - top) * (y + 0.35 * x * rng.uniform(-1, 1))[..., None]
    for _ in range(6):  # soft lights and shadows
        cx, cy, r, c = rng.uniform(0, 1), rng.uniform(0, 1), rng.uniform(0.08, 0.3), rng.uniform(-120, 140, 3)
        img = img + c * np.exp(-(((x - cx) / r) ** 2 + ((y - cy) / r) ** 2))[..., None]
    for k in range(3):  # hills
        line = 0.5 + 0.15 * k + 0.12 * np.sin(2 * np.pi * (x * rng.uniform(0.6, 3.0) + rng.uniform()))
        c, g = rng.uniform(10, 170, 3), rng.uniform(-60, 60, 3)
        img = np.where((y > line)[..., None], c + g * (y - line)[..., None] * 2, img)
    for _ in range(4):  # things, half of them round, partly see-through
        cx, cy, rx, ry = rng.uniform(0, 1), rng.uniform(0.2, 1), rng.uniform(0.04, 0.16), rng.uniform(0.05, 0.2)
        c, a, round_ = rng.uniform(0, 255, 3), rng.uniform(0.6, 1), rng.uniform() < 0.5
        d = ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 if round_ else np.maximum(abs(x - cx) / rx, abs(y - cy) / ry)
        img = np.where((d < 1)[..., None], img * (1 - a) + a * c * (0.7 + 0.3 * (1 - np.minimum(d, 1)))[..., None], img)
    if noise:
        img = img + rng.uniform(-noise, noise, (h, w, 1))
    return np.clip(np.rint(img), 0, 255).astype(np.uint8)


def calm(w, h, seed):
    """The same in few levels, for the lossless formats: packs several times smaller."""
    return (scene(w, h, seed) // 24 * 24 + 12).astype(np.uint8)


def veil(w, h, seed, hard=False):
    """An alpha plane with clear, half-clear and opaque parts."""
    rng = np.random.RandomState(seed)
    y, x = np.mgrid[0:h, 0:w].astype(np.float64)
    x, y = (x + 0.5) / w, (y + 0.5) / h
    a = 1.25 - 1.6 * np.hypot(x - rng.uniform(0.3, 0.7), y - rng.uniform(0.3, 0.7))
    if hard:
        a = (a > 0.55).astype(np.float64)
    return np.clip(np.rint(a * 255), 0, 255).astype(np.uint8)


def im(a):
    return Image.fromarray(a)


def grey(a):
    return np.rint(a @ np.array([0.299, 0.587, 0.114])).astype(np.uint8)


def saved(image, format, **options):
    out = io.BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


# ---------------------------------------------------------------- TIFF directories (EXIF blocks and TIFF files)
BYTE, ASCII, SHORT, LONG, RATIONAL, SBYTE, UNDEFINED, SSHORT, SLONG, SRATIONAL, FLOAT, DOUBLE, IFD, LONG8 = *range(1, 14), 16
SIZE = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8}
PACK = {1: 'B', 3: 'H', 4: 'I', 6: 'b', 8: 'h', 9: 'i', 11: 'f', 12: 'd', 13: 'I', 16: 'Q'}


class At(str):
    """The offset of the directory or blob of that name."""


class Raw:
    """An entry's type, count and value field as they shall stand in the file, lies included."""
    def __init__(self, count, field):
        self.count, self.field = count, field


def tiff(order, blocks, big=False, first=None):
    """order '<' or '>'; blocks: ('ifd', name, [(tag, type, value)...], name or offset of the next or None) or ('blob', name, bytes)."""
    word, entry_size, inline = ('Q', 20, 8) if big else ('I', 12, 4)

    def value_bytes(typ, value, offsets):
        if isinstance(value, (bytes, bytearray)):
            return bytes(value)
        if isinstance(value, str) and not isinstance(value, At):
            return value.encode() + b'\0'
        if not isinstance(value, list):
            value = [value]
        if typ in (RATIONAL, SRATIONAL):
            return b''.join(struct.pack(order + ('ii' if typ == SRATIONAL else 'II'), *pair) for pair in value)
        return b''.join(struct.pack(order + PACK[typ], offsets[v] if isinstance(v, At) else v) for v in value)

    def lay(offsets):
        at, where, out = (16 if big else 8), {}, []
        for block in blocks:
            where[block[1]] = at
            if block[0] == 'blob':
                body = block[2]
            else:
                _, name, entries, nxt = block
                head, tail = b'', b''
                data_at = at + (8 if big else 2) + entry_size * len(entries) + (8 if big else 4)
                for tag, typ, value in entries:
                    if isinstance(value, Raw):
                        head += struct.pack(order + 'HH' + word, tag, typ, value.count) + value.field
                        continue
                    raw = value_bytes(typ, value, offsets)
                    count = len(raw) // SIZE.get(typ, 1)
                    head += struct.pack(order + 'HH' + word, tag, typ, count)
                    if len(raw) <= inline:
                        head += raw.ljust(inline, b'\0')
                    else:
                        head += struct.pack(order + word, data_at + len(tail))
                        tail += raw + b'\0' * (len(raw) % 2)
                link = offsets[nxt] if isinstance(nxt, At) else (nxt or 0)
                body = struct.pack(order + ('Q' if big else 'H'), len(entries)) + head + struct.pack(order + word, link) + tail
            body += b'\0' * (len(body) % 2)
            out.append(body)
            at += len(body)
        return where, b''.join(out)

    zero = {block[1]: 0 for block in blocks}
    where, _ = lay(zero)
    where, body = lay(where)
    start = first if first is not None else where[next(b[1] for b in blocks if b[0] == 'ifd')]
    mark = b'II' if order == '<' else b'MM'
    head = mark + (struct.pack(order + 'HHHQ', 43, 8, 0, start) if big else struct.pack(order + 'HI', 42, start))
    return head + body


def little_exif(order='<', orientation=1, resolution=None, unit=2, make='imagraph', extra=()):
    entries = [(0x010F, ASCII, make), (0x0110, ASCII, 'Scene 1'), (0x0112, SHORT, orientation)]
    if resolution:
        entries += [(0x011A, RATIONAL, [resolution]), (0x011B, RATIONAL, [resolution]), (0x0128, SHORT, unit)]
    entries += [*extra, (0x8769, LONG, At('exif'))]
    return tiff(order, [('ifd', '0', entries, None), ('ifd', 'exif', [
        (0x829A, RATIONAL, [(1, 250)]), (0x829D, RATIONAL, [(28, 10)]), (0x8827, SHORT, 200), (0x9000, UNDEFINED, b'0232'),
        (0x9003, ASCII, '2024:02:29 23:59:58'), (0x9011, ASCII, '-09:30'), (0x920A, RATIONAL, [(35, 1)])], None)])


def camera_exif(order, seed):
    """What a good camera writes: every directory, a thumbnail, a maker note, all the texts."""
    le = order == '<'
    thumb = saved(im(scene(48, 32, seed)), 'JPEG', quality=40)
    utf16 = 'utf-16-le' if le else 'utf-16-be'
    comment = b'ASCII\0\0\0a comment of the photographer' if le else b'UNICODE\0' + 'Grüße aus Zürich'.encode(utf16)
    ifd0 = [
        (0x010E, ASCII, 'A made-up landscape'), (0x010F, ASCII, 'imagraph cameras'), (0x0110, ASCII, 'Procedural One'),
        (0x0112, SHORT, 1), (0x011A, RATIONAL, [(300, 1)]), (0x011B, RATIONAL, [(300, 1)]), (0x0128, SHORT, 2),
        (0x0131, ASCII, 'make.py 1.0'), (0x0132, ASCII, '2023:07:14 09:08:07'), (0x013B, ASCII, 'Nobody At All'),
        (0x013C, ASCII, 'a test machine'), (0x013E, RATIONAL, [(313, 1000), (329, 1000)]),
        (0x0213, SHORT, 2), (0x0214, RATIONAL, [(0, 1), (255, 1), (128, 1), (255, 1), (128, 1), (255, 1)]),
        (0x4746, SHORT, 4), (0x4749, SHORT, 75), (0x8298, ASCII, b'Photographer\0Editor\0'),
        (0x8769, LONG, At('exif')), (0x8825, LONG, At('gps')),
        (0x9C9B, BYTE, 'Titel'.encode('utf-16-le') + b'\0\0'), (0xC4A5, UNDEFINED, b'PrintIM\x000300\0\0' + bytes(8)),
    ]
    exif = [
        (0x829A, RATIONAL, [(10, 1600)]), (0x829D, RATIONAL, [(71, 10)]), (0x8822, SHORT, 3), (0x8827, SHORT, 100),
        (0x8830, SHORT, 2), (0x8832, LONG, 100), (0x9000, UNDEFINED, b'0232'), (0x9003, ASCII, '2023:07:14 09:08:06'),
        (0x9004, ASCII, '2023:07:14 09:08:06'), (0x9010, ASCII, '+02:00'), (0x9011, ASCII, '+02:00'), (0x9012, ASCII, '+05:45'),
        (0x9101, UNDEFINED, b'\x01\x02\x03\0'), (0x9102, RATIONAL, [(5, 2)]), (0x9201, SRATIONAL, [(483328, 65536)]),
        (0x9202, RATIONAL, [(368640, 65536)]), (0x9203, SRATIONAL, [(-13, 10)]), (0x9204, SRATIONAL, [(-2, 3)]),
        (0x9205, RATIONAL, [(4, 1)]), (0x9206, RATIONAL, [(0xFFFFFFFF, 1)]), (0x9207, SHORT, 5), (0x9208, SHORT, 0), (0x9209, SHORT, 16),
        (0x920A, RATIONAL, [(135, 1)]), (0x9214, SHORT, [960, 540, 300, 200]),
        (0x927C, UNDEFINED, b'IMAGRAPH\0\x01\x02\x03 maker note ' + bytes(range(64))), (0x9286, UNDEFINED, comment),
        (0x9290, ASCII, '05'), (0x9291, ASCII, '123'), (0x9292, ASCII, '4567'),
        (0xA000, UNDEFINED, b'0100'), (0xA001, SHORT, 1), (0xA002, SHORT if le else LONG, 320), (0xA003, SHORT if le else LONG, 214),
        (0xA005, LONG, At('interop')), (0xA20E, RATIONAL, [(3888000, 876)]), (0xA20F, RATIONAL, [(2592000, 583)]), (0xA210, SHORT, 2),
        (0xA217, SHORT, 2), (0xA300, UNDEFINED, b'\x03'), (0xA301, UNDEFINED, b'\x01'), (0xA302, UNDEFINED, b'\0\x02\0\x02\0\x01\x01\x02'),
        (0xA401, SHORT, 0), (0xA402, SHORT, 1), (0xA403, SHORT, 1), (0xA404, RATIONAL, [(0, 0)]), (0xA405, SHORT, 216), (0xA406, SHORT, 0),
        (0xA408, SHORT, 0), (0xA409, SHORT, 1), (0xA40A, SHORT, 2), (0xA40C, SHORT, 3), (0xA420, ASCII, '0123456789abcdef0123456789ABCDEF'),
        (0xA430, ASCII, 'Test Owner'), (0xA431, ASCII, 'SN-000042'), (0xA432, RATIONAL, [(24, 1), (135, 1), (35, 10), (0, 0)]),
        (0xA433, ASCII, 'imagraph optics'), (0xA434, ASCII, 'Sine 24-135mm f/3.5-5.6 IS'), (0xA435, ASCII, '000-777'),
    ]
    gps = [
        (0, BYTE, [2, 3, 0, 0]), (1, ASCII, 'N' if le else 'S'), (2, RATIONAL, [(54, 1), (5938, 100), (0, 1)] if le else [(33, 1), (51, 1), (2436, 100)]),
        (3, ASCII, 'W' if le else 'E'), (4, RATIONAL, [(1, 1), (5485, 100), (0, 1)] if le else [(151, 1), (12, 1), (3357, 100)]),
        (5, BYTE, 0 if le else 1), (6, RATIONAL, [(12345, 100)]), (7, RATIONAL, [(7, 1), (8, 1), (65, 10)]), (8, ASCII, '07'), (9, ASCII, 'A'),
        (10, ASCII, '3'), (11, RATIONAL, [(9, 10)]), (12, ASCII, 'K'), (13, RATIONAL, [(36, 10)]), (16, ASCII, 'T'), (17, RATIONAL, [(27525, 100)]),
        (18, ASCII, 'WGS-84'), (27, UNDEFINED, b'ASCII\0\0\0GPS'), (29, ASCII, '2023:07:14'), (30, SHORT, 0), (31, RATIONAL, [(45, 10)]),
    ]
    thumbnail = [
        (0x0103, SHORT, 6), (0x011A, RATIONAL, [(72, 1)]), (0x011B, RATIONAL, [(72, 1)]), (0x0128, SHORT, 2),
        (0x0201, LONG, At('thumb')), (0x0202, LONG, len(thumb)),
    ]
    return tiff(order, [('ifd', '0', ifd0, At('1')), ('ifd', 'exif', exif, None), ('ifd', 'gps', gps, None),
                        ('ifd', 'interop', [(1, ASCII, 'R98'), (2, UNDEFINED, b'0100'), (0x1001, SHORT, 320), (0x1002, SHORT, 214)], None),
                        ('ifd', '1', thumbnail, None), ('blob', 'thumb', thumb)])


def exif_only(ifd0, exif=None, order='<', more=(), nxt=None):
    blocks = [('ifd', '0', ifd0 + ([(0x8769, LONG, At('exif'))] if exif else []), nxt)]
    if exif:
        blocks.append(('ifd', 'exif', exif, None))
    return tiff(order, blocks + list(more))


XMP = ('<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
       'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" '
       'xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6" dc:format="image/jpeg"/></rdf:RDF></x:xmpmeta><?xpacket end="w"?>').encode()


# ---------------------------------------------------------------- ICC
def icc(kind):
    """A whole ICC v4 profile in a few hundred bytes. srgb, wide (Adobe RGB's primaries, gamma 2.2), turned (red, green, blue change places), grey (gamma 1.8)."""
    s15 = lambda *v: b''.join(struct.pack('>i', int(round(n * 65536))) for n in v)
    xyz = lambda *v: b'XYZ \0\0\0\0' + s15(*v)
    text = lambda t: b'mluc\0\0\0\0' + struct.pack('>II', 1, 12) + b'enUS' + struct.pack('>II', len(t) * 2, 28) + t.encode('utf-16-be')
    para = lambda g: b'para\0\0\0\0\0\0\0\0' + s15(g)
    srgb_curve = b'para\0\0\0\0\0\x03\0\0' + s15(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
    srgb = [(0.4360747, 0.2225045, 0.0139322), (0.3850649, 0.7168786, 0.0971045), (0.1430804, 0.0606169, 0.7141733)]
    adobe = [(0.6097559, 0.3111242, 0.0194811), (0.2052401, 0.6256560, 0.0608902), (0.1492240, 0.0632197, 0.7448387)]
    tags = [(b'desc', text('imagraph test ' + kind)), (b'cprt', text('CC0')), (b'wtpt', xyz(0.9642, 1.0, 0.8249))]
    if kind == 'grey':
        tags.append((b'kTRC', para(1.8)))
    else:
        primaries = {'srgb': srgb, 'wide': adobe, 'turned': srgb[1:] + srgb[:1]}[kind]
        curve = para(2.19921875) if kind == 'wide' else srgb_curve
        tags += [(n, xyz(*p)) for n, p in zip((b'rXYZ', b'gXYZ', b'bXYZ'), primaries)] + [(n, curve) for n in (b'rTRC', b'gTRC', b'bTRC')]
    at, table, body, seen = 128 + 4 + 12 * len(tags), b'', b'', {}
    for name, data in tags:
        if data not in seen:
            seen[data] = at + len(body)
            body += data + b'\0' * (-len(data) % 4)
        table += name + struct.pack('>II', seen[data], len(data))
    size = at + len(body)
    head = struct.pack('>I4sI4s4s4s6H4s4sI4s4sQI', size, b'\0\0\0\0', 0x04300000, b'mntr', b'GRAY' if kind == 'grey' else b'RGB ', b'XYZ ',
                       2024, 1, 1, 0, 0, 0, b'acsp', b'\0\0\0\0', 0, b'\0\0\0\0', b'\0\0\0\0', 0, 0) + s15(0.9642, 1.0, 0.8249)
    return head.ljust(128, b'\0') + struct.pack('>I', len(tags)) + table + body


# ---------------------------------------------------------------- JPEG
def segment(marker, payload):
    return struct.pack('>BBH', 0xFF, marker, len(payload) + 2) + payload


def app1(block):
    return segment(0xE1, b'Exif\0\0' + block)


def app1_xmp():
    return segment(0xE1, b'http://ns.adobe.com/xap/1.0/\0' + XMP)


def app2_icc(profile):
    return segment(0xE2, b'ICC_PROFILE\0\x01\x01' + profile)


def jfif(unit=0, x=1, y=1):
    return segment(0xE0, b'JFIF\0\x01\x01' + struct.pack('>BHHBB', unit, x, y, 0, 0))


def bare(data, keep=(0xEE,)):
    """The JPEG without its APPn and comments (but for `keep`); returns what follows SOI."""
    at, out = 2, b''
    while data[at + 1] != 0xDA:
        size = 2 + struct.unpack('>H', data[at + 2:at + 4])[0]
        m = data[at + 1]
        if not (0xE0 <= m <= 0xEF or m == 0xFE) or m in keep:
            out += data[at:at + size]
        at += size
    return out + data[at:]


def jpeg(pixels, *segments, keep=(0xEE,), quality=62, **options):
    image = pixels if isinstance(pixels, Image.Image) else im(pixels)
    options.setdefault('optimize', 'restart_marker_blocks' not in options)
    return b'\xFF\xD8' + b''.join(segments) + bare(saved(image, 'JPEG', quality=quality, **options), keep)


def make_jpeg():
    put('jpeg/baseline.jpg', jpeg(scene(320, 214, 1, 2), jfif(), optimize=False), 'baseline, JFIF that gives no density, 4:2:0')
    put('jpeg/progressive.jpg', jpeg(scene(240, 320, 2, 3), jfif(1, 96, 96), progressive=True), 'progressive, upright, JFIF 96 dpi')
    put('jpeg/grey.jpg', jpeg(grey(scene(200, 150, 3, 3)), jfif(1, 72, 72)), 'one component')
    put('jpeg/grey-icc.jpg', jpeg(grey(scene(160, 120, 4)), jfif(), app2_icc(icc('grey'))), 'one component with a grey ICC profile of gamma 1.8')
    cmyk = np.dstack([255 - scene(120, 90, 5), (255 - scene(120, 90, 6)[..., 0]) // 3])
    put('jpeg/cmyk-adobe.jpg', jpeg(Image.fromarray(cmyk, 'CMYK')), 'four components, CMYK inverted as Adobe writes it (APP14 transform 0)')
    f = cmyk.astype(np.float64)
    y = f[..., :3] @ np.array([0.299, 0.587, 0.114])
    ycck = np.dstack([y, 128 + (f[..., 2] - y) / 1.772, 128 + (f[..., 0] - y) / 1.402, 255 - f[..., 3]])
    data = jpeg(Image.fromarray(255 - np.clip(np.rint(ycck), 0, 255).astype(np.uint8), 'CMYK'))
    at = data.index(b'Adobe')
    put('jpeg/ycck-adobe.jpg', data[:at + 11] + b'\x02' + data[at + 12:], 'the same four components coded as YCCK (APP14 transform 2)')
    put('jpeg/rgb-adobe.jpg', jpeg(scene(96, 72, 7), keep_rgb=True), 'three components stored as RGB, APP14 transform 0')
    put('jpeg/exif-camera-le.jpg', jpeg(scene(320, 214, 8, 3), app1(camera_exif('<', 8))), 'all of EXIF as a camera writes it, little-endian: IFD0, Exif, GPS (N, W), Interop, IFD1 with a thumbnail, maker note, ASCII UserComment, XPTitle, two-part Copyright, OffsetTime*')
    put('jpeg/exif-camera-be.jpg', jpeg(scene(320, 214, 9, 3), jfif(1, 72, 72), app1(camera_exif('>', 9)), app2_icc(icc('srgb'))), 'the same big-endian: GPS (S, E), below the sea, UserComment in UTF-16, LONG sizes; with JFIF before and sRGB after')
    for o, (w, h) in ((2, (64, 48)), (3, (180, 120)), (4, (64, 48)), (5, (64, 48)), (6, (180, 120)), (7, (64, 48)), (8, (120, 180))):
        put(f'jpeg/orientation-{o}.jpg', jpeg(scene(w, h, 10), app1(little_exif('<' if o % 2 else '>', o))), f'EXIF orientation {o}; stored {w} x {h}')
    put('jpeg/xmp-before-exif.jpg', jpeg(scene(200, 133, 11), jfif(), app1_xmp(), app1(little_exif('>', 8))), 'XMP APP1 stands before the EXIF APP1; XMP claims orientation 6, EXIF 8')
    put('jpeg/xmp-only.jpg', jpeg(scene(96, 72, 12), app1_xmp()), 'XMP and no EXIF; XMP claims orientation 6')
    put('jpeg/icc-srgb.jpg', jpeg(scene(180, 120, 13), jfif(1, 300, 300), app2_icc(icc('srgb'))), 'sRGB profile, JFIF 300 dpi')
    put('jpeg/icc-wide.jpg', jpeg(scene(160, 160, 14), app2_icc(icc('wide'))), "profile with Adobe RGB's primaries: the pHash may shift a little")
    put('jpeg/icc-turned.jpg', jpeg(scene(160, 160, 15), app2_icc(icc('turned'))), 'profile that makes red green, green blue and blue red: shows whether the pHash looks through the profile')
    put('jpeg/icc-two-parts.jpg', jpeg(scene(128, 128, 16), segment(0xE2, b'ICC_PROFILE\0\x01\x02' + icc('srgb')[:200]), segment(0xE2, b'ICC_PROFILE\0\x02\x02' + icc('srgb')[200:])), 'profile split over two APP2')
    put('jpeg/density-dpcm.jpg', jpeg(scene(96, 72, 17), jfif(2, 118, 118)), 'JFIF density 118 per cm (299.72 dpi)')
    put('jpeg/density-low.jpg', jpeg(scene(96, 72, 18), jfif(1, 20, 20)), 'JFIF density 20 dpi: below one pixel a millimetre')
    put('jpeg/density-unequal.jpg', jpeg(scene(96, 72, 19), jfif(1, 200, 100)), 'JFIF density 200 x 100 dpi')
    put('jpeg/density-aspect.jpg', jpeg(scene(96, 72, 20), jfif(0, 300, 300)), 'JFIF 300 x 300 with unit 0: an aspect ratio, no density')
    put('jpeg/density-jfif-or-exif.jpg', jpeg(scene(96, 72, 21), jfif(1, 72, 72), app1(little_exif('<', 1, (240, 1)))), 'JFIF says 72, EXIF 240 dpi')
    put('jpeg/density-exif-cm.jpg', jpeg(scene(96, 72, 22), app1(little_exif('>', 1, (100, 1), 3))), 'EXIF 100 per cm, no JFIF')
    put('jpeg/density-exif-no-unit.jpg', jpeg(scene(96, 72, 23), jfif(1, 150, 150), app1(little_exif('>', 1, (300, 1), 1))), 'EXIF 300 with unit 1 (none), JFIF 150 dpi')
    put('jpeg/density-exif-fraction.jpg', jpeg(scene(96, 72, 24), app1(little_exif('<', 1, (1443, 10), 2))), 'EXIF 144.3 dpi: a fraction is rounded')
    put('jpeg/no-jfif-no-exif.jpg', jpeg(scene(160, 120, 25)), 'SOI then DQT: no application segment at all')
    put('jpeg/odd-420.jpg', jpeg(scene(333, 217, 26), jfif(), subsampling='4:2:0'), 'odd sides, 4:2:0')
    put('jpeg/odd-422.jpg', jpeg(scene(97, 131, 27), jfif(), subsampling='4:2:2'), 'odd sides, 4:2:2')
    put('jpeg/444.jpg', jpeg(scene(150, 100, 28), jfif(), subsampling='4:4:4'), '4:4:4')
    put('jpeg/wide.jpg', jpeg(scene(640, 40, 29), jfif()), 'very wide')
    put('jpeg/tall.jpg', jpeg(scene(36, 600, 30), jfif()), 'very tall')
    put('jpeg/tiny.jpg', jpeg(scene(9, 7, 31), jfif()), 'smaller than 32 x 32: the resize enlarges')
    put('jpeg/one-pixel.jpg', jpeg(scene(1, 1, 31), jfif()), '1 x 1')
    put('jpeg/side-256.jpg', jpeg(scene(256, 300, 32), jfif()), 'shorter side exactly 256')
    put('jpeg/side-300.jpg', jpeg(scene(300, 300, 33), jfif()), 'shorter side 300: libvips decodes at 1/8')
    put('jpeg/700x500.jpg', jpeg(scene(700, 500, 34), jfif(), quality=35), '700 x 500')
    put('jpeg/700x500-orientation-6.jpg', jpeg(scene(700, 500, 35), app1(little_exif('<', 6)), quality=35), '700 x 500 on its side')
    put('jpeg/restart-markers.jpg', jpeg(scene(160, 120, 36), jfif(), restart_marker_blocks=4), 'a restart marker every 4 blocks')
    put('jpeg/comment-and-fill-bytes.jpg', b'\xFF\xD8\xFF\xFF\xFF' + jfif()[1:] + b'\xFF\xFF' + segment(0xFE, b'a comment')[1:] + b'\xFF\xFF\xFF' + app1(little_exif('<', 3))[1:]
        + bare(saved(im(scene(96, 72, 37)), 'JPEG', quality=62)), '0xFF fill bytes before markers, a COM segment, then EXIF')
    put('jpeg/exif-behind-sof.jpg', exif_behind_sof(), 'EXIF APP1 stands between SOF and SOS')
    put('jpeg/exif-twice.jpg', jpeg(scene(96, 72, 39), app1(little_exif('<', 1, make='first')), app1(little_exif('<', 6, make='second'))), 'two EXIF APP1 that differ')
    put('jpeg/trailing-bytes.jpg', jpeg(scene(96, 72, 40), jfif()) + b'\0' * 50 + jpeg(scene(16, 16, 41)), 'more bytes, and a second JPEG, after EOI (as motion photos have)')

    u = lambda code, text: (0x9286, UNDEFINED, code + text)
    base = [(0x0112, SHORT, 1)]
    put('jpeg/exif-usercomment-jis.jpg', jpeg(scene(64, 48, 42), app1(exif_only(base, [u(b'JIS\0\0\0\0\0', '日本語'.encode('iso2022_jp'))]))), 'UserComment in JIS')
    put('jpeg/exif-usercomment-undefined.jpg', jpeg(scene(64, 48, 43), app1(exif_only(base, [u(bytes(8), b'no code at all')]))), 'UserComment whose character code is eight NULs')
    put('jpeg/exif-usercomment-blank.jpg', jpeg(scene(64, 48, 44), app1(exif_only(base, [u(b'ASCII\0\0\0', b'   \0\0\0')]))), 'UserComment of blanks and NULs: empty, dropped')
    put('jpeg/exif-usercomment-utf16-bom.jpg', jpeg(scene(64, 48, 45), app1(exif_only(base, [u(b'UNICODE\0', b'\xFE\xFF' + 'big in little'.encode('utf-16-be'))]))), 'UserComment UNICODE with a big-endian mark inside a little-endian block')
    put('jpeg/exif-texts.jpg', jpeg(scene(64, 48, 46), app1(exif_only([
        (0x010E, ASCII, 'Zürich – 東京'.encode() + b'\0'), (0x010F, ASCII, 'Måleri AB'.encode('latin-1') + b'\0'),
        (0x0110, ASCII, b'Model\0junk after it\xff\xfe'), (0x0131, ASCII, b'no NUL'), (0x013B, ASCII, b'   padded   \0'), (0x013C, ASCII, b'\0'),
        (0x8298, ASCII, b''), (0x0132, ASCII, b'abc\0')]))), 'ASCII that is UTF-8, Latin-1, has junk after the NUL, no NUL, blanks, only a NUL, nothing (count 0), exactly four bytes')
    put('jpeg/exif-types.jpg', jpeg(scene(64, 48, 47), app1(odd_types())), 'every EXIF type 1-10 with negative and zero-denominator values, arrays, count 0, and types 11, 12, 13, 16 and 99, unknown ids, Padding: dropped')
    put('jpeg/exif-duplicates.jpg', jpeg(scene(64, 48, 48), app1(exif_only([
        (0x010F, ASCII, 'one'), (0x0110, ASCII, 'two'), (0x010F, ASCII, 'three'), (0x0112, SHORT, 1), (0x0112, SHORT, 8)]))), 'Make and Orientation occur twice: the last value wins')
    put('jpeg/exif-unsorted.jpg', jpeg(scene(64, 48, 49), app1(exif_only([
        (0x8298, ASCII, 'last first'), (0x0112, SHORT, 1), (0x010F, ASCII, 'Make')], [(0xA434, ASCII, 'A lens'), (0x829A, RATIONAL, [(1, 3)])]))), 'tags out of order: keys stand in file order')
    put('jpeg/exif-130-entries.jpg', jpeg(scene(64, 48, 50), app1(exif_only(
        [(0x010F, ASCII, 'many')] + [(0xF000 + k, SHORT, k) for k in range(126)] + [(0x0110, ASCII, '128th'), (0x0131, ASCII, '129th'), (0x013B, ASCII, '130th')]))), '130 entries in IFD0: only 128 are read')
    put('jpeg/exif-makernote-olympus.jpg', jpeg(scene(64, 48, 51), app1(exif_only(
        [(0x010F, ASCII, 'OLYMPUS'), (0x0112, SHORT, 1)], [(0x9000, UNDEFINED, b'0220'), (0x927C, UNDEFINED, b'OLYMP\0\x01\0' + struct.pack('<HHHII', 1, 0x0201, 3, 1, 2) + bytes(4))]))), "a maker note that node-exif thinks it knows")
    put('jpeg/exif-makernote-text.jpg', jpeg(scene(64, 48, 52), app1(exif_only([(0x0112, SHORT, 1)], [(0x9000, UNDEFINED, b'0220'), (0x927C, UNDEFINED, b'printable maker note')]))), 'a maker note of printable ASCII')
    put('jpeg/exif-interop-unknown.jpg', jpeg(scene(64, 48, 53), app1(tiff('<', [('ifd', '0', [(0x8769, LONG, At('exif'))], None), ('ifd', 'exif', [(0xA005, LONG, At('interop'))], None),
        ('ifd', 'interop', [(1, ASCII, 'R03'), (0xEEEE, SHORT, 1), (2, UNDEFINED, b'0100')], None)]))), 'an unknown id between two known ones in the Interop directory (node-exif stops there)')
    put('jpeg/exif-gps-odd.jpg', jpeg(scene(64, 48, 54), app1(tiff('>', [('ifd', '0', [(0x0112, SHORT, 1), (0x8825, LONG, At('gps'))], None), ('ifd', 'gps', [
        (1, ASCII, 'N'), (2, RATIONAL, [(0, 0), (0, 0), (0, 0)]), (3, ASCII, b'\0'), (4, RATIONAL, [(181, 1), (0, 1), (0, 1)]), (5, BYTE, 1), (6, RATIONAL, [(5, 0)]),
        (7, RATIONAL, [(25, 1), (61, 1), (0, 1)]), (29, ASCII, '0000:00:00')], None)]))), 'GPS with 0/0, no reference, 181 degrees, 25:61 o\'clock: no location to be had')
    put('jpeg/exif-gps-degrees.jpg', jpeg(scene(64, 48, 55), app1(tiff('>', [('ifd', '0', [(0x0112, SHORT, 1), (0x8825, LONG, At('gps'))], None), ('ifd', 'gps', [
        (1, ASCII, 's'), (2, RATIONAL, [(3385676, 100000)]), (3, ASCII, 'E\0 '), (4, RATIONAL, [(151, 1), (125595, 10000)]), (5, BYTE, 1), (6, RATIONAL, [(3, 2)]),
        (7, RATIONAL, [(23, 1), (59, 1), (59, 1)]), (29, ASCII, '2020:12:31')], None)]))), 'GPS as decimal degrees in one rational, and as two; a small s; only a GPS date tells the time')
    put('jpeg/exif-dates.jpg', jpeg(scene(64, 48, 56), app1(exif_only([(0x0132, ASCII, '2019:01:02 03:04:05')], [
        (0x9003, ASCII, '    :  :     :  :  '), (0x9004, ASCII, '2018:12:31 23:59:60'), (0x9010, ASCII, '+01:00'), (0x9012, ASCII, '   :  ')]))), 'blank DateTimeOriginal, CreateDate with a leap second, OffsetTime for ModifyDate only')


def exif_behind_sof():
    data = jpeg(scene(96, 72, 38))
    at = data.index(b'\xFF\xDA')
    return data[:at] + app1(little_exif('>', 6)) + data[at:]


def odd_types():
    return tiff('<', [
        ('ifd', '0', [(0x0112, BYTE, 6), (0x011A, RATIONAL, [(1, 0)]), (0x011B, RATIONAL, [(0, 0)]), (0x0128, LONG, 2), (0x0111, LONG, [0xFFFFFFFF, 0x80000000]),
                      (0x8769, LONG, At('exif')), (0x9999, SHORT, 1)], None),
        ('ifd', 'exif', [
            (0x829A, RATIONAL, [(4294967295, 2)]), (0x829D, RATIONAL, [(28, 10), (0, 5)]), (0x8822, BYTE, [1, 2, 3, 4, 255]), (0x8824, SBYTE, [-1, -128, 127]),
            (0x8827, SHORT, [100, 0]), (0x8829, SBYTE, -5), (0x882A, SSHORT, [-9, 1]), (0x882B, SSHORT, -32768), (0x9201, SRATIONAL, [(-1, 3)]), (0x9203, SRATIONAL, [(1, -4)]),
            (0x9204, SRATIONAL, [(-2147483648, -1)]), (0x9205, SLONG, -2147483648), (0x9206, SLONG, [-1, 2147483647]), (0x9207, SHORT, b''), (0x9208, LONG, b''),
            (0x9209, UNDEFINED, b'7'), (0x920A, FLOAT, 35.0), (0x920B, DOUBLE, 1.5), (0xA20E, IFD, 8), (0xA20F, LONG8, 12), (0xA210, 99, b'1234'), (0xA217, 0, b''),
            (0xA300, BYTE, 3), (0xA301, ASCII, '1'), (0xA401, SHORT, [1, 2]), (0xA402, SHORT, [1, 2, 3]), (0xA403, RATIONAL, [(6, 3)]), (0xA404, RATIONAL, [(1, 3)]),
            (0xEA1C, UNDEFINED, b'padding!'), (0xC0DE, ASCII, 'unknown'), (0xA000, UNDEFINED, b''), (0x9000, UNDEFINED, b'0\x00\x0021'),
        ], None)])


# ---------------------------------------------------------------- PNG
def chunk(kind, data, crc=None):
    return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data) if crc is None else crc)


def png_rows(samples, depth, filter_kind):
    """samples: h x w x c of u8 or u16, or h x w indices; returns filtered scanlines."""
    h = samples.shape[0]
    flat = samples.reshape(h, -1)
    if depth == 16:
        rows = flat.astype('>u2').view(np.uint8)
        bpp = 2 * (flat.shape[1] // samples.shape[1])
    elif depth == 8:
        rows, bpp = flat.astype(np.uint8), flat.shape[1] // samples.shape[1]
    else:
        per, bpp = 8 // depth, 1
        padded = np.pad(flat, ((0, 0), (0, -flat.shape[1] % per))).astype(np.uint8)
        rows = np.zeros((h, padded.shape[1] // per), np.uint8)
        for k in range(per):
            rows |= padded[:, k::per] << (8 - depth * (k + 1))
    out, above = b'', np.zeros(rows.shape[1], np.int32)
    for number, row in enumerate(rows):
        row = row.astype(np.int32)
        left = np.concatenate([np.zeros(bpp, np.int32), row[:-bpp]])[:len(row)]
        corner = np.concatenate([np.zeros(bpp, np.int32), above[:-bpp]])[:len(row)]
        kind = number % 5 if filter_kind == 'all' else filter_kind
        if kind == 4:
            p = left + above - corner
            pa, pb, pc = abs(p - left), abs(p - above), abs(p - corner)
            guess = np.where((pa <= pb) & (pa <= pc), left, np.where(pb <= pc, above, corner))
        else:
            guess = {0: 0, 1: left, 2: above, 3: (left + above) // 2}[kind]
        out += bytes([kind]) + ((row - guess) & 255).astype(np.uint8).tobytes()
        above = row
    return out


def png(samples, colour, depth=8, before=(), after=(), interlaced=False, filter_kind=None, idat=None):
    h, w = samples.shape[:2]
    if filter_kind is None:  # whichever packs best
        return min((png(samples, colour, depth, before, after, interlaced, k, idat) for k in (0, 1, 2, 4)), key=len)
    if interlaced:
        raw = b''
        for y0, x0, dy, dx in ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)):
            part = samples[y0::dy, x0::dx]
            if part.size:
                raw += png_rows(part, depth, filter_kind)
    else:
        raw = png_rows(samples, depth, filter_kind)
    body = zlib.compress(raw, 9)
    split = idat or len(body)
    chunks = [chunk(b'IHDR', struct.pack('>IIBBBBB', w, h, depth, colour, 0, 0, int(interlaced))), *before]
    chunks += [chunk(b'IDAT', body[k:k + split]) for k in range(0, len(body), split)]
    return b'\x89PNG\r\n\x1a\n' + b''.join([*chunks, *after, chunk(b'IEND', b'')])


def indexed(a, colours):
    q = im(a).quantize(colours, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    return np.asarray(q), bytes(q.getpalette()[:colours * 3])


def phys(x, y, unit):
    return chunk(b'pHYs', struct.pack('>IIB', x, y, unit))


def make_png():
    put('png/rgb.png', png(scene(72, 54, 60), 2), '8-bit RGB')
    put('png/rgba.png', png(np.dstack([calm(80, 60, 61), veil(80, 60, 61)]), 6), '8-bit RGBA with clear and half-clear parts')
    put('png/rgba-opaque.png', png(np.dstack([calm(64, 64, 62), np.full((64, 64), 255, np.uint8)]), 6), 'RGBA whose alpha is 255 everywhere')
    put('png/rgba-bright-under-clear.png', png(np.dstack([np.where((veil(80, 60, 63, True) == 0)[..., None], np.uint8(255), calm(80, 60, 63)), veil(80, 60, 63, True)]), 6), 'RGBA, clear pixels are white underneath: tells dropping alpha from premultiplying')
    index, palette = indexed(calm(120, 90, 64), 64)
    put('png/palette.png', png(index, 3, before=[chunk(b'PLTE', palette)], filter_kind=0), 'palette of 64, no tRNS')
    put('png/palette-trns.png', png(index, 3, before=[chunk(b'PLTE', palette), chunk(b'tRNS', bytes([0, 64, 128, 200] + [0] * 12))], filter_kind=0), 'palette with tRNS for its first 16 entries')
    index, palette = indexed(calm(120, 90, 65), 16)
    put('png/palette-4bit.png', png(index, 3, 4, [chunk(b'PLTE', palette)], filter_kind=0), 'palette of 16 in 4 bits')
    put('png/palette-2bit-interlaced.png', png(index % 4, 3, 2, [chunk(b'PLTE', palette[:12])], filter_kind=0, interlaced=True), 'palette of 4 in 2 bits, Adam7')
    put('png/grey.png', png(grey(calm(110, 84, 66)), 0), '8-bit grey')
    put('png/grey-1bit.png', png((grey(calm(128, 96, 67)) > 110).astype(np.uint8), 0, 1, filter_kind=0), '1-bit grey')
    put('png/grey-4bit.png', png(grey(calm(128, 96, 68)) >> 4, 0, 4, filter_kind=0), '4-bit grey')
    put('png/grey-trns.png', png(grey(calm(96, 72, 69)), 0, before=[chunk(b'tRNS', struct.pack('>H', int(grey(calm(96, 72, 69))[40, 40])))]), 'grey with one transparent level (tRNS)')
    put('png/grey-alpha.png', png(np.dstack([grey(calm(90, 70, 70)), veil(90, 70, 70)]), 4), 'grey and alpha')
    put('png/rgb-trns.png', png(calm(80, 60, 71) & 0xF0, 2, before=[chunk(b'tRNS', struct.pack('>HHH', *map(int, (calm(80, 60, 71) & 0xF0)[50, 40])))]), 'RGB with one transparent colour (tRNS)')
    deep = calm(64, 48, 72).astype(np.uint16) * 257
    put('png/rgb-16bit.png', png(deep, 2, 16), '16 bits a sample, RGB')
    put('png/rgb-16bit-icc.png', png(deep, 2, 16, [chunk(b'iCCP', b'test\0\0' + zlib.compress(icc('wide'), 9))]), '16 bits a sample with a wide profile')
    put('png/rgba-16bit.png', png(np.dstack([calm(48, 48, 73).astype(np.uint16) * 257, veil(48, 48, 73).astype(np.uint16) * 257]), 6, 16), '16 bits a sample, RGBA')
    put('png/grey-16bit.png', png(np.rint(calm(72, 54, 74).astype(np.float64) @ np.array([0.3, 0.6, 0.1]) * 257).astype(np.uint16), 0, 16, filter_kind=2), '16-bit grey, low byte in use')
    put('png/interlaced.png', png(calm(83, 61, 75), 2, interlaced=True), 'Adam7')
    put('png/many-idat.png', png(calm(80, 60, 76), 2, idat=500), 'IDAT cut into 500-byte pieces')
    put('png/phys-meter.png', png(calm(64, 48, 77), 2, before=[phys(11811, 11811, 1)]), 'pHYs 11811 per metre = 300 dpi')
    put('png/phys-unknown.png', png(calm(64, 48, 78), 2, before=[phys(3, 2, 0)]), 'pHYs 3:2 of unknown unit: an aspect ratio')
    put('png/phys-fraction.png', png(calm(64, 48, 78), 2, before=[phys(2835, 5669, 1)]), 'pHYs 2835 x 5669 per metre = 72.009 x 143.99 dpi')
    put('png/iccp.png', png(calm(72, 54, 79), 2, before=[chunk(b'iCCP', b'turned\0\0' + zlib.compress(icc('turned'), 9))]), 'iCCP whose profile makes red green')
    put('png/gama-chrm.png', png(calm(72, 54, 80), 2, before=[chunk(b'gAMA', struct.pack('>I', 100000)), chunk(b'cHRM', struct.pack('>8I', 31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000))]), 'gAMA 1.0 and cHRM, no profile')
    put('png/srgb-chunk.png', png(calm(72, 54, 81), 2, before=[chunk(b'sRGB', b'\0'), chunk(b'gAMA', struct.pack('>I', 45455))]), 'sRGB chunk: no profile is embedded')
    put('png/exif-before-idat.png', png(calm(90, 60, 82), 2, before=[chunk(b'eXIf', little_exif('>', 6, (200, 1)))]), 'eXIf before IDAT, orientation 6, EXIF density 200')
    put('png/exif-after-idat.png', png(calm(90, 60, 83), 2, before=[phys(3937, 3937, 1)], after=[chunk(b'eXIf', little_exif('<', 3))]), 'eXIf after IDAT, orientation 3; pHYs 100 dpi')
    put('png/exif-with-prefix.png', png(calm(64, 48, 84), 2, before=[chunk(b'eXIf', b'Exif\0\0' + little_exif('<', 8))]), 'eXIf that wrongly starts with Exif NUL NUL')
    hex_block = (b'Exif\0\0' + little_exif('<', 6)).hex()
    raw_profile = ('\nexif\n%8d\n' % (len(hex_block) // 2) + '\n'.join(hex_block[k:k + 72] for k in range(0, len(hex_block), 72)) + '\n').encode()
    put('png/exif-raw-profile.png', png(calm(64, 48, 85), 2, before=[chunk(b'zTXt', b'Raw profile type exif\0\0' + zlib.compress(raw_profile, 9))]), "EXIF in ImageMagick's old zTXt 'Raw profile type exif'")
    put('png/text-xmp.png', png(calm(64, 48, 86), 2, before=[chunk(b'tEXt', b'Title\0a title'), chunk(b'iTXt', b'XML:com.adobe.xmp\0\0\0\0\0' + XMP)]), 'tEXt and XMP in iTXt')
    put('png/filters.png', png(scene(44, 33, 89), 2, filter_kind='all'), 'every row filter in turn')
    a, b = calm(64, 48, 87), calm(64, 48, 88)
    frame = lambda n, delay: struct.pack('>IIIIIHHBB', n, 64, 48, 0, 0, delay, 100, 0, 0)
    put('png/animated.png', png(a, 2, before=[chunk(b'acTL', struct.pack('>II', 2, 0)), chunk(b'fcTL', frame(0, 20))],
        after=[chunk(b'fcTL', frame(1, 30)), chunk(b'fdAT', struct.pack('>I', 2) + zlib.compress(png_rows(b, 8, 4), 9))]), 'APNG of two frames')


# ---------------------------------------------------------------- GIF
def make_gif():
    q = lambda a, n=48: im(a).quantize(n, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    put('gif/static.gif', saved(q(scene(120, 90, 90)), 'GIF', interlace=0), 'one frame')
    put('gif/interlaced.gif', saved(q(scene(121, 93, 91)), 'GIF', interlace=1), 'one frame, interlaced')
    frames = [q(scene(96, 72, 92 + k), 32) for k in range(3)]
    put('gif/animated.gif', saved(frames[0], 'GIF', save_all=True, append_images=frames[1:], duration=[100, 200, 300], loop=0, interlace=0), 'three frames of different content, endless')
    t = q(scene(100, 80, 95), 32)
    t.paste(31, (0, 0, 40, 30))
    put('gif/transparent.gif', saved(t, 'GIF', transparency=31, interlace=0), 'one index is transparent')
    small = bytearray(saved(q(scene(60, 50, 96), 32), 'GIF', interlace=0))
    small[6:10] = struct.pack('<HH', 100, 80)
    at = small.index(b',\0\0\0\0' + struct.pack('<HH', 60, 50))
    small[at + 1:at + 5] = struct.pack('<HH', 25, 20)
    put('gif/first-frame-smaller.gif', bytes(small), 'canvas 100 x 80, its only frame 60 x 50 at (25, 20): the rest is background')
    put('gif/comment.gif', saved(q(scene(80, 60, 97), 16), 'GIF', comment=b'hello', interlace=0), 'with a comment extension')
    put('gif/gif87a.gif', b'GIF87a' + plain_gif(q(scene(80, 60, 98), 16))[6:], 'GIF87a, no extension blocks')


def plain_gif(image):
    data = saved(image, 'GIF', interlace=0)
    return data.replace(data[data.index(b'!'):data.index(b',\0\0\0\0')], b'') if b'!' in data[:data.index(b',\0\0\0\0')] else data


# ---------------------------------------------------------------- WebP
def make_webp():
    put('webp/lossy.webp', saved(im(scene(200, 150, 100, 3)), 'WEBP', quality=55, method=6), 'simple lossy (VP8)')
    put('webp/lossless.webp', saved(im(scene(90, 70, 101)), 'WEBP', lossless=True, quality=100, method=6), 'simple lossless (VP8L)')
    rgba = np.dstack([scene(120, 90, 102), veil(120, 90, 102)])
    put('webp/lossy-alpha.webp', saved(im(rgba), 'WEBP', quality=55, method=6), 'lossy with alpha (VP8X, ALPH)')
    put('webp/lossless-alpha.webp', saved(im(rgba[:60, :80]), 'WEBP', lossless=True, quality=100, method=6, exact=True), 'lossless with alpha')
    put('webp/exif-icc.webp', saved(im(scene(160, 120, 103, 2)), 'WEBP', quality=55, method=6, exif=little_exif('<', 6, (240, 1)), icc_profile=icc('srgb'), xmp=XMP), 'VP8X with ICCP, EXIF (orientation 6, 240 dpi) and XMP')
    put('webp/exif-with-prefix.webp', riff_exif(saved(im(scene(120, 90, 104)), 'WEBP', quality=55, method=6, exif=little_exif('>', 3)), b'Exif\0\0'), 'EXIF chunk that starts with Exif NUL NUL, orientation 3')
    put('webp/animated.webp', saved(im(scene(96, 72, 105)), 'WEBP', save_all=True, append_images=[im(scene(96, 72, 106 + k)) for k in range(2)], duration=120, loop=0, quality=50, method=6), 'three frames')
    put('webp/large.webp', saved(im(scene(600, 400, 108)), 'WEBP', quality=40, method=6), '600 x 400')


def riff_exif(data, prefix):
    at = data.index(b'EXIF')
    size = struct.unpack('<I', data[at + 4:at + 8])[0]
    body = data[at + 8:at + 8 + size]
    body = body if body.startswith(prefix) else prefix + body
    out = data[:at] + b'EXIF' + struct.pack('<I', len(body)) + body + b'\0' * (len(body) % 2)
    return b'RIFF' + struct.pack('<I', len(out) - 8) + out[8:]


# ---------------------------------------------------------------- TIFF
def lzw(data):
    out, acc, bits = bytearray(), 0, 0
    table, width, nxt, w = {bytes([k]): k for k in range(256)}, 9, 258, b''

    def emit(code):
        nonlocal acc, bits
        acc, bits = (acc << width) | code, bits + width
        while bits >= 8:
            bits -= 8
            out.append((acc >> bits) & 255)
            acc &= (1 << bits) - 1
    emit(256)
    for k in range(len(data)):
        c = data[k:k + 1]
        if w + c in table:
            w += c
            continue
        emit(table[w])
        table[w + c] = nxt
        nxt += 1
        if nxt == 4094:
            emit(256)
            table, width, nxt = {bytes([k]): k for k in range(256)}, 9, 258
        elif nxt >= 1 << width:
            width += 1
        w = c
    if w:
        emit(table[w])
        if nxt + 1 >= 1 << width and width < 12:
            width += 1
    emit(257)
    if bits:
        out.append((acc << (8 - bits)) & 255)
    return bytes(out)


CODER = {1: lambda b: b, 5: lzw, 8: lambda b: zlib.compress(b, 9)}


def image_ifd(order, name, a, photometric, *, compression=1, rows=None, tile=None, planar=1, extra=(), dpi=None, unit=2, predictor=False, alpha=None, sample_format=None):
    """Entries and blobs of one picture: a is h x w [x c], u8, u16 or f32."""
    a = a if a.ndim == 3 else a[..., None]
    h, w, c = a.shape
    if predictor:
        d = a.copy()
        d[:, 1:] = a[:, 1:] - a[:, :-1]
        a = d
    kind = {1: 'u1', 2: order + 'u2'}.get(a.dtype.itemsize, order + 'f4')
    planes = [a] if planar == 1 else [a[..., k:k + 1] for k in range(c)]
    pieces = []
    for p in planes:
        if tile:
            p = np.pad(p, ((0, -h % tile), (0, -w % tile), (0, 0)), mode='edge')
            pieces += [p[y:y + tile, x:x + tile] for y in range(0, h, tile) for x in range(0, w, tile)]
        else:
            step = rows or h
            pieces += [p[y:y + step] for y in range(0, h, step)]
    blobs = [('blob', f'{name}.{k}', CODER[compression](p.astype(kind).tobytes())) for k, p in enumerate(pieces)]
    offsets, counts = [At(b[1]) for b in blobs], [len(b[2]) for b in blobs]
    bits = a.dtype.itemsize * 8
    entries = [(0x100, SHORT, w), (0x101, SHORT, h), (0x102, SHORT, [bits] * c), (0x103, SHORT, compression), (0x106, SHORT, photometric), (0x115, SHORT, c), (0x11C, SHORT, planar)]
    entries += [(0x142, SHORT, tile), (0x143, SHORT, tile), (0x144, LONG, offsets), (0x145, LONG, counts)] if tile else [(0x111, LONG, offsets), (0x116, SHORT, rows or h), (0x117, LONG, counts)]
    if dpi:
        entries += [(0x11A, RATIONAL, [dpi]), (0x11B, RATIONAL, [dpi]), (0x128, SHORT, unit)]
    if predictor:
        entries.append((0x13D, SHORT, 2))
    if alpha is not None:
        entries.append((0x152, SHORT, alpha))
    if sample_format:
        entries.append((0x153, SHORT, [sample_format] * c))
    return sorted(entries + list(extra), key=lambda e: e[0]), blobs


def tiff_file(order, a, photometric=2, at_end=False, more=(), big=False, **options):
    entries, blobs = image_ifd(order, '0', a, photometric, **options)
    ifd = [('ifd', 'ifd0', entries, None)]
    return tiff(order, (blobs + ifd if at_end else ifd + blobs) + list(more), big=big)


def make_tiff():
    put('tiff/little.tif', tiff_file('<', calm(48, 36, 110), dpi=(300, 1)), 'little-endian, uncompressed, 300 dpi')
    put('tiff/big.tif', tiff_file('>', calm(48, 36, 111), dpi=(144, 1)), 'big-endian, uncompressed, 144 dpi')
    put('tiff/no-resolution.tif', tiff_file('>', calm(64, 48, 112), compression=8), 'says nothing of resolution')
    put('tiff/lzw.tif', tiff_file('<', calm(96, 72, 113), compression=5, rows=20, predictor=True), 'LZW in strips of 20 rows, horizontal predictor')
    put('tiff/deflate.tif', tiff_file('>', calm(96, 72, 114), compression=8, rows=16, predictor=True), 'deflate in strips of 16 rows, big-endian, predictor')
    put('tiff/packbits.tif', saved(im(indexed_rgb(calm(44, 33, 115))), 'TIFF', compression='packbits'), 'PackBits')
    put('tiff/jpeg-in-tiff.tif', saved(im(calm(128, 96, 116)), 'TIFF', compression='jpeg', quality=60), 'JPEG compression, YCbCr')
    put('tiff/tiled.tif', tiff_file('<', calm(100, 70, 117), compression=8, tile=32), 'tiles of 32 x 32 that overhang the picture')
    put('tiff/planar.tif', tiff_file('<', calm(64, 48, 118), compression=8, planar=2), 'separate planes')
    put('tiff/icc.tif', tiff_file('<', calm(64, 48, 119), compression=8, extra=[(0x8773, UNDEFINED, icc('turned'))]), 'ICC profile that makes red green')
    rgba = np.dstack([calm(64, 48, 120), veil(64, 48, 120) // 32 * 36])
    put('tiff/alpha.tif', tiff_file('>', rgba, compression=8, alpha=2), 'unassociated alpha (ExtraSamples 2)')
    pre = np.dstack([calm(48, 36, 123), veil(48, 36, 123) // 64 * 85])
    pre[..., :3] = np.rint(pre[..., :3] * (pre[..., 3:] / 255.0)).astype(np.uint8)
    put('tiff/alpha-associated.tif', tiff_file('<', pre, compression=8, alpha=1), 'premultiplied alpha (ExtraSamples 1)')
    put('tiff/extra-channel.tif', tiff_file('<', rgba, compression=8, alpha=0), 'a fourth channel that ExtraSamples 0 leaves unspecified')
    e0, b0 = image_ifd('<', '0', calm(64, 48, 121), 2, compression=8)
    e1, b1 = image_ifd('<', '1', calm(90, 50, 122), 2, compression=8)
    put('tiff/multi-page.tif', tiff('<', [('ifd', 'p0', e0, At('p1')), *b0, ('ifd', 'p1', e1, None), *b1]), 'two pages, 64 x 48 and 90 x 50')
    e1, b1 = image_ifd('<', '1', calm(64, 48, 122), 2, compression=8)
    put('tiff/multi-page-same-size.tif', tiff('<', [('ifd', 'p0', e0, At('p1')), *b0, ('ifd', 'p1', e1, None), *b1]), 'two pages of one size')
    e0 = sorted(e0 + [(0x10F, ASCII, 'imagraph'), (0x112, SHORT, 6), (0x8769, LONG, At('exif')), (0x8825, LONG, At('gps'))], key=lambda e: e[0])
    put('tiff/exif-gps.tif', tiff('<', [('ifd', 'p0', e0, None), *b0,
        ('ifd', 'exif', [(0x829A, RATIONAL, [(1, 60)]), (0x9000, UNDEFINED, b'0230'), (0x9003, ASCII, '2022:05:06 07:08:09'), (0xA434, ASCII, 'TIFF lens')], None),
        ('ifd', 'gps', [(1, ASCII, 'N'), (2, RATIONAL, [(47, 1), (22, 1), (30, 1)]), (3, ASCII, 'E'), (4, RATIONAL, [(8, 1), (32, 1), (0, 1)])], None)]), 'Exif and GPS directories, orientation 6')
    put('tiff/density-cm.tif', tiff_file('>', calm(48, 64, 124), compression=8, dpi=(118, 1), unit=3), '118 per cm')
    put('tiff/density-no-unit.tif', tiff_file('>', calm(48, 64, 125), compression=8, dpi=(200, 1), unit=1), '200 with unit 1 (none)')
    put('tiff/16bit.tif', tiff_file('<', calm(56, 42, 126).astype(np.uint16) * 257, compression=8), '16 bits a sample, RGB')
    put('tiff/grey.tif', tiff_file('<', grey(calm(80, 60, 127)), 1, compression=8), 'grey, black is zero')
    put('tiff/grey-white-is-zero.tif', tiff_file('<', 255 - grey(calm(80, 60, 128)), 0, compression=8), 'grey, white is zero')
    put('tiff/grey-16bit.tif', tiff_file('>', grey(calm(44, 33, 129)).astype(np.uint16) * 257, 1, compression=8), '16-bit grey, big-endian')
    put('tiff/float.tif', tiff_file('<', grey(calm(48, 36, 130)).astype(np.float32) / 255, 1, compression=8, sample_format=3), '32-bit float grey, 0 to 1')
    index, palette = indexed(calm(96, 72, 131), 64)
    ramp = np.frombuffer(palette, np.uint8).reshape(-1, 3)
    table = np.zeros((3, 256), np.int64)
    table[:, :64] = ramp.T.astype(np.int64) * 257
    put('tiff/palette.tif', tiff_file('<', index, 3, compression=8, extra=[(0x140, SHORT, [int(v) for v in table.reshape(-1)])]), 'colour map')
    put('tiff/bilevel-g4.tif', saved(im((grey(calm(160, 120, 132)) > 110)), 'TIFF', compression='group4'), '1 bit, CCITT group 4')
    put('tiff/cmyk.tif', tiff_file('<', np.dstack([255 - calm(64, 48, 133), grey(calm(64, 48, 134)) // 4]), 5, compression=8), 'CMYK, no profile')
    put('tiff/directory-at-end.tif', tiff_file('<', calm(64, 48, 135), compression=8, at_end=True, dpi=(96, 1)), 'the directory stands after the pixels')
    put('tiff/bigtiff.tif', tiff_file('<', calm(64, 48, 136), compression=8, big=True, dpi=(150, 1)), 'BigTIFF')
    e0, b0 = image_ifd('>', '0', calm(64, 48, 137), 2, compression=8)
    e1, b1 = image_ifd('>', '1', calm(32, 24, 138), 2, compression=8, extra=[(0xFE, LONG, 1)])
    put('tiff/sub-ifd.tif', tiff('>', [('ifd', 'p0', sorted(e0 + [(0x14A, LONG, At('s0'))], key=lambda e: e[0]), None), *b0, ('ifd', 's0', e1, None), *b1]), 'a reduced copy in a SubIFD')


def indexed_rgb(a):
    return np.asarray(im(a).quantize(12, dither=Image.Dither.NONE).convert('RGB'))


# ---------------------------------------------------------------- BMP and ICO
def bmp_rows(a, top_down=False):
    h = a.shape[0]
    rows = a.reshape(h, -1)
    rows = np.pad(rows, ((0, 0), (0, -rows.shape[1] % 4)))
    return (rows if top_down else rows[::-1]).astype(np.uint8).tobytes()


def bmp(w, h, bits, pixels, palette=b'', compression=0, masks=b'', ppm=2835, top_down=False, core=False, v5=False):
    if core:
        info = struct.pack('<IHHHH', 12, w, h, 1, bits)
    else:
        info = struct.pack('<IiiHHIIiiII', 124 if v5 else 40, w, -h if top_down else h, 1, bits, compression, len(pixels), ppm, ppm, len(palette) // 4, 0)
        if v5:
            info += masks.ljust(16, b'\0') + b'BGRs' + bytes(36) + bytes(12) + struct.pack('<IIII', 4, 0, 0, 0)
            masks = b''
    start = 14 + len(info) + len(masks) + len(palette)
    return b'BM' + struct.pack('<IHHI', start + len(pixels), 0, 0, start) + info + masks + palette + pixels


def bgr(a):
    return np.ascontiguousarray(a[..., ::-1])


def make_bmp():
    a = calm(41, 31, 140)
    put('bmp/24bit.bmp', bmp(41, 31, 24, bmp_rows(bgr(a))), '24 bits, rows padded, 72 dpi')
    put('bmp/top-down.bmp', bmp(44, 33, 24, bmp_rows(bgr(calm(44, 33, 141)), True), top_down=True, ppm=11811), 'negative height: top row first; 300 dpi')
    b = calm(36, 30, 142)
    put('bmp/32bit.bmp', bmp(36, 30, 32, bmp_rows(np.dstack([bgr(b), np.zeros((30, 36), np.uint8)]))), '32 bits, BI_RGB: the fourth byte is nothing (0)')
    put('bmp/32bit-alpha.bmp', bmp(36, 30, 32, bmp_rows(np.dstack([bgr(b), veil(36, 30, 142)])), compression=3, masks=struct.pack('<IIII', 0xFF0000, 0xFF00, 0xFF, 0xFF000000), v5=True), '32 bits, V5 header with an alpha mask')
    index, palette = indexed(calm(64, 46, 143), 64)
    quads = b''.join(bytes([palette[k + 2], palette[k + 1], palette[k], 0]) for k in range(0, len(palette), 3))
    put('bmp/8bit-palette.bmp', bmp(64, 46, 8, bmp_rows(index), quads, ppm=0), '8 bits, palette of 64, no resolution')
    index, palette = indexed(calm(64, 46, 144), 16)
    triples = b''.join(bytes([palette[k + 2], palette[k + 1], palette[k]]) for k in range(0, len(palette), 3))
    nibbles = (index[:, 0::2] << 4 | index[:, 1::2]).astype(np.uint8)
    put('bmp/os2-core.bmp', bmp(64, 46, 4, bmp_rows(nibbles), triples, core=True), 'OS/2 core header (12 bytes), 4 bits')
    c = calm(42, 32, 145).astype(np.uint16)
    packed = ((c[..., 0] >> 3 << 11) | (c[..., 1] >> 2 << 5) | (c[..., 2] >> 3)).astype('<u2')
    put('bmp/16bit-565.bmp', bmp(42, 32, 16, bmp_rows(packed.view(np.uint8).reshape(32, -1)), compression=3, masks=struct.pack('<III', 0xF800, 0x7E0, 0x1F)), '16 bits, 5-6-5 bit fields')
    put('bmp/1bit.bmp', bmp(128, 90, 1, bmp_rows(np.packbits(grey(calm(128, 90, 146)) > 110, axis=1)), b'\x20\x10\0\0\xF0\xFF\xF8\0'), '1 bit')
    index, palette = indexed(calm(90, 64, 147), 8)
    quads = b''.join(bytes([palette[k + 2], palette[k + 1], palette[k], 0]) for k in range(0, 24, 3))
    rle = b''
    for row in index[::-1]:
        k = 0
        while k < 90:
            n = 1
            while k + n < 90 and row[k + n] == row[k] and n < 255:
                n += 1
            rle += bytes([n, row[k]])
            k += n
        rle += b'\0\0'
    put('bmp/rle8.bmp', bmp(90, 64, 8, rle + b'\0\x01', quads, compression=1), 'run-length coded, 8 bits')


def icon(images, kind=1):
    out, body, at = struct.pack('<HHH', 0, kind, len(images)), b'', 6 + 16 * len(images)
    for w, h, bits, data in images:
        out += struct.pack('<BBBBHHII', w % 256, h % 256, 0, 0, 1, bits, len(data), at + len(body))
        body += data
    return out + body


def icon_bmp(a, alpha):
    h, w = alpha.shape
    pixels = bmp_rows(np.dstack([bgr(a), alpha])) + bmp_rows(np.packbits(np.pad(alpha < 128, ((0, 0), (0, -w % 8))), axis=1))
    return struct.pack('<IiiHHIIiiII', 40, w, 2 * h, 1, 32, 0, len(pixels), 0, 0, 0, 0) + pixels


def make_ico():
    bm = lambda n, s: (n, n, 32, icon_bmp(calm(n, n, s), veil(n, n, s, True)))
    pn = lambda n, s: (n, n, 32, png(np.dstack([calm(n, n, s), veil(n, n, s, True)]), 6))
    put('ico/png-inside.ico', icon([pn(64, 150)]), 'one PNG of 64 x 64')
    put('ico/bmp-inside.ico', icon([bm(32, 151)]), 'one BMP of 32 x 32, 32 bits with mask')
    index, palette = indexed(calm(256, 256, 152), 4)
    put('ico/several.ico', icon([bm(16, 152), bm(24, 152), bm(32, 152), (256, 256, 32, png(index, 3, 2, [chunk(b'PLTE', palette)], filter_kind=0))]), '16, 24, 32 as BMP and 256 (written as 0) as PNG')
    put('ico/largest-first.ico', icon([bm(24, 153), bm(16, 153)]), '24 before 16')
    put('ico/cursor.cur', icon([bm(16, 154)], 2), 'a cursor (type 2)')


# ---------------------------------------------------------------- AVIF and HEIC
def box(kind, *parts):
    body = b''.join(parts)
    return struct.pack('>I', 8 + len(body)) + kind + body


def full(kind, version, flags, *parts):
    return box(kind, struct.pack('>I', version << 24 | flags), *parts)


def coded(data, config):
    """The decoder configuration box and the coded picture of a file with one item."""
    at = data.index(config) - 4
    size = struct.unpack('>I', data[at:at + 4])[0]
    m = data.index(b'mdat') - 4
    length = struct.unpack('>I', data[m:m + 4])[0]
    return data[at:at + size], data[m + 8:m + length if length else len(data)]


def heif(codec, w, h, config, payload, *, exif=None, prefix=b'', profile=None, irot=None, imir=None, alpha=None, grid=None, xmp=None, brand=None, clap=None, tile=None):
    """A HEIF file by hand. alpha: (config, payload) of a grey picture; grid: (rows, columns, [(config, payload)...] of equal tiles)."""
    brand = brand or (b'avif' if codec == b'av01' else b'heic')
    items, refs, props, links, data = [], [], [], {}, []

    def prop(b):
        props.append(b)
        return len(props)

    def item(number, kind, payload_, hidden=False, extra=b'\0'):
        items.append(full(b'infe', 2, int(hidden), struct.pack('>HH', number, 0), kind, extra))
        data.append((number, payload_))

    links[1] = [prop(full(b'ispe', 0, 0, struct.pack('>II', w, h))), prop(full(b'pixi', 0, 0, b'\x03\x08\x08\x08'))]
    if grid:
        rows, columns, tiles = grid
        item(1, b'grid', struct.pack('>BBBBHH', 0, 0, rows - 1, columns - 1, w, h))
        tw, th = tile or (w // columns, h // rows)
        shared = [prop(full(b'ispe', 0, 0, struct.pack('>II', tw, th))), links[1][1]]
        for k, (c, p) in enumerate(tiles):
            item(10 + k, codec, p, True)
            links[10 + k] = shared + [prop(c) | 0x80]
        refs.append(box(b'dimg', struct.pack('>HH', 1, len(tiles)), b''.join(struct.pack('>H', 10 + k) for k in range(len(tiles)))))
    else:
        item(1, codec, payload)
        links[1].append(prop(config) | 0x80)
    links[1].append(prop(box(b'colr', b'prof', profile) if profile else box(b'colr', b'nclx', struct.pack('>HHHB', 1, 13, 6, 0x80))))
    if clap is not None:
        links[1].append(prop(box(b'clap', struct.pack('>IIIIiIiI', clap[0], 1, clap[1], 1, clap[2], 2, clap[3], 2))) | 0x80)
    if irot is not None:
        links[1].append(prop(box(b'irot', bytes([irot]))) | 0x80)
    if imir is not None:
        links[1].append(prop(box(b'imir', bytes([imir]))) | 0x80)
    if exif is not None:
        item(2, b'Exif', struct.pack('>I', len(prefix)) + prefix + exif, True)
        refs.append(box(b'cdsc', struct.pack('>HHH', 2, 1, 1)))
    if xmp:
        item(3, b'mime', xmp, True, b'\0application/rdf+xml\0')
        refs.append(box(b'cdsc', struct.pack('>HHH', 3, 1, 1)))
    if alpha:
        item(4, codec, alpha[1], True)
        links[4] = [links[1][0], prop(full(b'pixi', 0, 0, b'\x01\x08')), prop(alpha[0]) | 0x80,
                    prop(full(b'auxC', 0, 0, b'urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0')) | 0x80]
        refs.append(box(b'auxl', struct.pack('>HHH', 4, 1, 1)))
    ipma = full(b'ipma', 0, 0, struct.pack('>I', len(links)), b''.join(struct.pack('>HB', k, len(v)) + bytes(v) for k, v in sorted(links.items())))
    ftyp = box(b'ftyp', brand, bytes(4), b'mif1', brand, b'miaf')

    def meta(base):
        at, locs = base, b''
        for number, payload_ in data:
            locs += struct.pack('>HHHII', number, 0, 1, at, len(payload_))
            at += len(payload_)
        return full(b'meta', 0, 0, full(b'hdlr', 0, 0, bytes(4), b'pict', bytes(13)), full(b'pitm', 0, 0, struct.pack('>H', 1)),
                    full(b'iloc', 0, 0, b'\x44\0', struct.pack('>H', len(data)), locs), full(b'iinf', 0, 0, struct.pack('>H', len(items)), *items),
                    *([full(b'iref', 0, 0, *refs)] if refs else []), box(b'iprp', box(b'ipco', *props), ipma))
    base = len(ftyp) + len(meta(0)) + 8
    return ftyp + meta(base) + box(b'mdat', *[p for _, p in data])


def make_heif():
    import pillow_heif
    pillow_heif.register_heif_opener()
    av1 = lambda a, q=55: coded(saved(im(a), 'AVIF', quality=q, speed=4, max_threads=1, subsampling='4:2:0'), b'av1C')

    def hevc(a, q=45):
        f = pillow_heif.from_pillow(im(a))
        out = io.BytesIO()
        f.save(out, quality=q, chroma=420, save_nclx_profile=False)
        return coded(out.getvalue(), b'hvcC')

    a = scene(160, 120, 160, 2)
    put('heif/plain.avif', heif(b'av01', 160, 120, *av1(a)), 'AVIF')
    put('heif/exif.avif', heif(b'av01', 160, 120, *av1(scene(160, 120, 161)), exif=little_exif('<', 1, (300, 1))), 'AVIF with EXIF (300 dpi)')
    put('heif/exif-icc-xmp.avif', heif(b'av01', 128, 96, *av1(scene(128, 96, 162)), exif=camera_exif('>', 162), prefix=b'Exif\0\0', profile=icc('srgb'), xmp=XMP), "AVIF with a camera's EXIF behind Exif NUL NUL, ICC and XMP")
    put('heif/irot.avif', heif(b'av01', 160, 96, *av1(scene(160, 96, 163)), irot=3), 'AVIF, irot 3 (a quarter turn clockwise), no EXIF')
    put('heif/irot-imir.avif', heif(b'av01', 160, 96, *av1(scene(160, 96, 164)), irot=1, imir=1), 'AVIF, irot 1 and imir 1')
    put('heif/exif-orientation-only.avif', heif(b'av01', 160, 96, *av1(scene(160, 96, 165)), exif=little_exif('>', 6)), 'AVIF whose EXIF says orientation 6 without irot: readers must not turn it')
    alpha_plane = veil(120, 80, 166)
    put('heif/alpha.avif', heif(b'av01', 120, 80, *av1(scene(120, 80, 166)), alpha=coded(saved(im(alpha_plane), 'AVIF', quality=60, speed=4, max_threads=1), b'av1C')), 'AVIF with an alpha item')
    tiles = [av1(scene(128, 64, 167)[:, k * 64:k * 64 + 64]) for k in range(2)]
    put('heif/grid.avif', heif(b'av01', 128, 64, b'', b'', grid=(1, 2, tiles)), 'AVIF, a grid of two tiles')
    put('heif/plain.heic', heif(b'hvc1', 160, 120, *hevc(scene(160, 120, 168))), 'HEIC')
    put('heif/exif.heic', heif(b'hvc1', 160, 120, *hevc(scene(160, 120, 169)), exif=camera_exif('>', 169), prefix=b'Exif\0\0', profile=icc('srgb')), "HEIC with a camera's EXIF and ICC")
    put('heif/irot-exif.heic', heif(b'hvc1', 160, 96, *hevc(scene(160, 96, 170)), exif=little_exif('>', 6), prefix=b'Exif\0\0', irot=3), 'HEIC as phones write it: irot 3 and EXIF orientation 6 say the same')
    unhalved = lambda a: coded(saved(im(a), 'AVIF', quality=60, speed=4, max_threads=1, subsampling='4:4:4'), b'av1C')
    put('heif/odd-420.avif', heif(b'av01', 101, 67, *av1(scene(101, 67, 171))), 'AVIF, odd sides, 4:2:0')
    put('heif/444.avif', heif(b'av01', 100, 70, *unhalved(scene(100, 70, 172))), 'AVIF, 4:4:4')
    put('heif/clap.avif', heif(b'av01', 160, 120, *av1(scene(160, 120, 173)), clap=(120, 90, 20, -10), irot=1), 'AVIF of which a part is shown, turned')
    put('heif/large.avif', heif(b'av01', 600, 400, *av1(scene(600, 400, 174), 40)), 'AVIF, 600 x 400')
    put('heif/alpha.heic', heif(b'hvc1', 120, 80, *hevc(scene(120, 80, 175)), alpha=hevc(np.repeat(veil(120, 80, 175)[..., None], 3, 2))), 'HEIC with an alpha item')
    tiles = [hevc(scene(192, 128, 176)[r:r + 64, k:k + 64]) for r in (0, 64) for k in (0, 64, 128)]
    put('heif/grid.heic', heif(b'hvc1', 180, 120, b'', b'', grid=(2, 3, tiles), tile=(64, 64)), 'HEIC, a grid of six tiles that overhang the picture')
    flat = np.full((6000, 6000, 3), 90, np.uint8)
    put('damaged/bomb-6000.avif', heif(b'av01', 6000, 6000, *av1(flat)), 'AVIF of 6000 x 6000 in few bytes, honest and of one colour')
    put('damaged/bomb-2000.avif', heif(b'av01', 2000, 2000, *av1(flat[:2000, :2000])), 'AVIF of 2000 x 2000 in few bytes')
    put('damaged/bomb-2000.heic', heif(b'hvc1', 2000, 2000, *hevc(flat[:2000, :2000])), 'HEIC of 2000 x 2000 in few bytes')


# ---------------------------------------------------------------- JPEG XL, SVG
def make_jxl():
    import pillow_jxl  # noqa: F401  (registers the format)
    put('jxl/codestream.jxl', saved(im(scene(128, 96, 180)), 'JXL', quality=70, effort=7, num_threads=1, use_container=False), 'JPEG XL, bare codestream')
    data = saved(im(np.dstack([scene(96, 72, 181), veil(96, 72, 181)])), 'JXL', quality=70, effort=7, num_threads=1, use_container=True, exif=b'Exif\0\0' + little_exif('<', 1, (300, 1)))
    put('jxl/container-exif-alpha.jxl', data, 'JPEG XL in boxes with EXIF and alpha')
    put('jxl/lossless.jxl', saved(im(calm(90, 70, 182)), 'JXL', lossless=True, effort=7, num_threads=1, use_container=False), 'JPEG XL, lossless')
    put('jxl/grey.jxl', saved(im(grey(scene(90, 70, 183))), 'JXL', quality=70, effort=7, num_threads=1, use_container=False), 'JPEG XL, grey')
    put('jxl/large.jxl', saved(im(scene(600, 400, 184)), 'JXL', quality=60, effort=7, num_threads=1, use_container=False), 'JPEG XL, 600 x 400')
    # Written by hand, as the coder turns nothing: the header of codestream.jxl ends with its second byte behind the signature.
    data = saved(im(scene(128, 96, 185)), 'JXL', quality=70, effort=7, num_threads=1, use_container=False)
    assert data[2:4] == b'\xd7\x06', data[2:4]
    size, orientation = '111010110', '101'
    bits = size + '0' + '1' + orientation + '000' + '000' + '1' + '00' + '1' + '1' + '1' + '00' + '1'
    bits += '0' * (-len(bits) % 8)
    header = bytes(int(bits[k:k + 8][::-1], 2) for k in range(0, len(bits), 8))
    put('jxl/orientation-6.jxl', data[:2] + header + data[4:], 'JPEG XL whose header says orientation 6; stored 128 x 96')
    put('damaged/bomb-2000.jxl', saved(im(np.full((2000, 2000, 3), 90, np.uint8)), 'JXL', lossless=True, effort=1, num_threads=1, use_container=False), 'JPEG XL of 2000 x 2000 in few bytes')
    put('damaged/bomb-6000.jxl', saved(im(np.full((6000, 6000, 3), 90, np.uint8)), 'JXL', lossless=True, effort=1, num_threads=1, use_container=False), 'JPEG XL of 6000 x 6000 in few bytes')


def make_svg():
    body = ('<defs><linearGradient id="g" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="#124"/><stop offset="1" stop-color="#fc8"/></linearGradient></defs>'
            '<rect width="200" height="100" fill="url(#g)"/><circle cx="60" cy="40" r="25" fill="#e33"/><path d="M0 80 Q50 40 100 75 T200 60 V100 H0Z" fill="#263"/><rect x="130" y="10" width="30" height="60" fill="#48c"/>')
    svg = lambda attributes: f'<svg xmlns="http://www.w3.org/2000/svg" {attributes}>{body}</svg>\n'.encode()
    put('svg/pixels.svg', svg('width="200" height="100"'), 'width and height in pixels')
    put('svg/viewbox-only.svg', svg('viewBox="0 0 200 100"'), 'only a viewBox')
    put('svg/millimetres.svg', b'<?xml version="1.0" encoding="UTF-8"?>\n<!-- a comment -->\n' + svg('width="50.8mm" height="25.4mm" viewBox="0 0 200 100"'), '50.8 x 25.4 mm, XML declaration and comment first')
    put('svg/doctype.svg', b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">\n' + svg('width="3cm" viewBox="0 0 200 100"'), 'a document type, a width in cm, no height')
    put('svg/entity.svg', b'<!DOCTYPE svg [<!ENTITY side "200">]>\n' + svg('width="&side;" height="100"'), 'its width is an entity: not expanded')
    put('svg/percent.svg', svg('width="100%" height="100%" viewBox="0 0 200 100"'), '100 % of a viewBox')


# ---------------------------------------------------------------- damaged, hostile and dull
def make_damaged():
    whole = jpeg(scene(240, 160, 190), app1(little_exif('<', 6)))
    put('damaged/truncated-middle.jpg', whole[:len(whole) // 2], 'JPEG cut in the middle of its scan; EXIF orientation 6')
    progressive = jpeg(scene(200, 150, 191), jfif(), progressive=True)
    put('damaged/truncated-progressive.jpg', progressive[:len(progressive) // 2], 'progressive JPEG cut in the middle')
    full_exif = jpeg(scene(64, 48, 192), app1(camera_exif('>', 192)))
    put('damaged/truncated-before-sof.jpg', full_exif[:full_exif.index(app1(camera_exif('>', 192))) + len(app1(camera_exif('>', 192))) + 20], 'JPEG cut inside its first DQT; EXIF whole')
    put('damaged/truncated-in-exif.jpg', full_exif[:700], 'JPEG cut inside its EXIF')
    put('damaged/soi-only.jpg', b'\xFF\xD8', 'two bytes: SOI')
    put('damaged/claims-65535.jpg', b'\xFF\xD8' + segment(0xC0, struct.pack('>BHHB', 8, 65535, 65535, 1) + b'\x01\x11\0') + b'\xFF\xDA\0\x08\x01\x01\0\0?\0'[:10], '25 bytes that claim 65535 x 65535')
    p = png(calm(64, 48, 193), 2, before=[phys(3937, 3937, 1)])
    put('damaged/truncated-idat.png', p[:len(p) * 2 // 3], 'PNG cut inside IDAT')
    at = p.index(b'IDAT')
    length = struct.unpack('>I', p[at - 4:at])[0]
    put('damaged/bad-crc-idat.png', p[:at + 4 + length] + b'\xDE\xAD\xBE\xEF' + p[at + 8 + length:], "IDAT's CRC is wrong, its data whole")
    put('damaged/bad-crc-ihdr.png', p[:29] + b'\xDE\xAD\xBE\xEF' + p[33:], "IHDR's CRC is wrong")
    put('damaged/header-only.png', p[:33], 'PNG of only IHDR')
    put('damaged/claims-2147483647.png', b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', 2147483647, 2147483647, 8, 6, 0, 0, 0)) + chunk(b'IDAT', zlib.compress(bytes(100))) + chunk(b'IEND', b''), 'PNG that claims 2147483647 x 2147483647')
    put('damaged/zero-width.png', b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', 0, 10, 8, 2, 0, 0, 0)) + chunk(b'IDAT', zlib.compress(bytes(10))) + chunk(b'IEND', b''), 'PNG of width 0')
    put('damaged/bomb-6000.png', b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', 6000, 6000, 1, 0, 0, 0, 0)) + chunk(b'IDAT', zlib.compress(bytes(751 * 6000), 9)) + chunk(b'IEND', b''), '6000 x 6000 in few bytes, honest and all black')
    g = saved(im(scene(120, 90, 194)).quantize(48, dither=Image.Dither.NONE), 'GIF', interlace=0)
    put('damaged/truncated.gif', g[:len(g) // 2], 'GIF cut in its pixels')
    w = saved(im(scene(200, 150, 195)), 'WEBP', quality=55, method=6)
    put('damaged/truncated.webp', w[:len(w) // 2], 'WebP cut in its pixels')
    t = tiff_file('<', calm(64, 48, 196), compression=8, at_end=True)
    put('damaged/truncated-directory.tif', t[:-60], 'TIFF cut inside its directory, which stands last')
    put('damaged/ifd-out-of-range.tif', b'II*\0' + struct.pack('<I', 0x7FFFFFF0) + bytes(64), 'TIFF whose first directory lies past the end')
    entries, blobs = image_ifd('<', '0', calm(64, 48, 197), 2, compression=8)
    put('damaged/ifd-loop.tif', tiff('<', [('ifd', 'p0', entries, At('p0')), *blobs]), 'TIFF whose directory is its own next page')
    block = exif_only([(0x010F, ASCII, 'loop'), (0x0112, SHORT, 1), (0x8769, LONG, 8), (0x8825, LONG, 8)], nxt=8)
    put('damaged/exif-loop.jpg', jpeg(scene(64, 48, 198), app1(block)), 'EXIF: next IFD, Exif and GPS pointer all lead back to IFD0')
    block = tiff('<', [('ifd', '0', [(0x010F, ASCII, 'past'), (0x0110, ASCII, Raw(40, struct.pack('<I', 0xFFFFFF00))), (0x0112, SHORT, 6), (0x011A, RATIONAL, Raw(1, struct.pack('<I', 5000))),
        (0x0131, ASCII, Raw(0xFFFFFFFF, struct.pack('<I', 8))), (0x8825, LONG, 60000), (0x8769, LONG, At('exif'))], 0x00FFFFFF), ('ifd', 'exif', [(0x829A, RATIONAL, [(1, 125)]), (0x9003, ASCII, '2021:01:01 00:00:00')], None)])
    put('damaged/exif-past-end.jpg', jpeg(scene(64, 48, 199), app1(block)), 'EXIF: offsets, a count of 4294967295, the GPS and the next IFD point past the end')
    put('damaged/exif-bad-header.jpg', jpeg(scene(64, 48, 200), app1(b'XX*\0\x08\0\0\0' + bytes(20))), 'EXIF whose byte order mark is XX')
    put('damaged/exif-cut-ifd.jpg', jpeg(scene(64, 48, 201), segment(0xE1, b'Exif\0\0' + little_exif('<', 3)[:40])), 'EXIF segment that ends inside IFD0')
    put('damaged/html-named.jpg', b'<!DOCTYPE html>\n<html><head><title>404 Not Found</title></head><body><h1>Not Found</h1></body></html>\n', 'an HTML page named .jpg')
    put('damaged/json-named.png', b'{"message":"not found"}\n', 'JSON named .png')
    put('damaged/png-named.jpg', png(calm(64, 48, 202), 2), 'a whole PNG named .jpg: the magic bytes decide')
    put('damaged/empty.jpg', b'', 'no bytes')
    put('damaged/garbage.bin', np.random.RandomState(7).bytes(512), 'random bytes')
    h = heif(b'av01', 64, 64, box(b'av1C', b'\x81\0\x0c\0'), b'\0' * 30)
    put('damaged/no-picture.avif', h, 'AVIF whose coded picture is zeros')
    put('damaged/truncated-meta.avif', h[:120], 'AVIF cut inside its meta box')
    rows = bmp_rows(bgr(scene(44, 33, 203)))
    put('damaged/truncated.bmp', bmp(44, 33, 24, rows)[:2500], 'BMP cut in its pixels')


def make_plain():
    put('plain/flat.png', png(np.full((64, 96, 3), (90, 140, 200), np.uint8), 2), 'one colour: low entropy')
    put('plain/flat.jpg', jpeg(np.full((128, 160, 3), (200, 120, 60), np.uint8), jfif()), 'one colour: low entropy')
    put('plain/black.png', png(np.zeros((50, 50), np.uint8), 0), 'black')
    put('plain/clear.png', png(np.zeros((40, 40, 4), np.uint8), 6), 'wholly transparent')
    ramp = np.tile(np.linspace(0, 255, 256).astype(np.uint8), (96, 1))
    put('plain/horizontal-gradient.png', png(ramp, 0), 'a pure horizontal gradient: all of it in row 0 of the DCT, low entropy')
    put('plain/vertical-gradient.jpg', jpeg(np.ascontiguousarray(ramp.T), jfif(), quality=85), 'a pure vertical gradient')
    put('plain/diagonal-gradient.png', png(((np.mgrid[0:96, 0:96][0] + np.mgrid[0:96, 0:96][1]) * 255 // 190).astype(np.uint8), 0), 'a diagonal gradient')
    noise = np.random.RandomState(5).randint(0, 256, (64, 64)).astype(np.uint8)
    put('plain/noise.png', png(noise, 0, filter_kind=0), 'white noise')
    put('plain/checkerboard.png', png(((np.mgrid[0:128, 0:128][0] // 16 + np.mgrid[0:128, 0:128][1] // 16) % 2).astype(np.uint8), 0, 1, filter_kind=0), 'a checkerboard of 16-pixel squares')
    put('plain/horizontal-gradient.jpg', jpeg(ramp, jfif(), quality=85), 'a pure horizontal gradient as JPEG')


def make_similar():
    """One scene and what people do to it: distances of the pHash."""
    a = scene(240, 180, 210, 2)
    put('similar/original.jpg', jpeg(a, jfif(), quality=70), 'the scene itself')
    put('similar/requantised.jpg', jpeg(a, jfif(), quality=25), 'quality 25')
    put('similar/half-size.webp', saved(im(a).resize((120, 90), Image.Resampling.BICUBIC), 'WEBP', quality=60, method=6), 'half the size, WebP')
    put('similar/brighter.jpg', jpeg(np.clip(a.astype(np.int32) + 30, 0, 255).astype(np.uint8), jfif(), quality=50), 'brighter by 30')
    put('similar/cropped.jpg', jpeg(np.ascontiguousarray(a[4:176, 5:235]), jfif(), quality=50), '2 % cropped off every side')
    put('similar/mirrored.jpg', jpeg(np.ascontiguousarray(a[:, ::-1]), jfif(), quality=50), 'mirrored: not a duplicate')
    put('similar/stored-sideways.jpg', jpeg(np.ascontiguousarray(np.rot90(a, 1)), app1(little_exif('<', 6)), quality=50), 'stored turned, EXIF orientation 6 turns it back')


def write_table():
    path = os.path.join(HERE, 'README.md')
    if not os.path.exists(path):
        return
    text = open(path, encoding='utf-8').read()
    rows = ''.join(f'- `{name}` ({size} B): {why}\n' for name, size, why in TABLE)
    text = re.sub(r'(<!-- pictures -->\n).*(<!-- end of pictures -->)', lambda m: m[1] + rows + m[2], text, flags=re.S)
    open(path, 'w', encoding='utf-8').write(text)


if __name__ == '__main__':
    for part in (make_jpeg, make_png, make_gif, make_webp, make_tiff, make_bmp, make_ico, make_heif, make_jxl, make_svg, make_damaged, make_plain, make_similar):
        part()
    write_table()
    print(len(TABLE), 'pictures,', sum(t[1] for t in TABLE), 'bytes')
