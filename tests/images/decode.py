#!/usr/bin/env python3
"""decode.py FILE: the picture as Pillow decodes it: a JSON line (width, height, format, mode), then raw RGBA. For expect.mjs."""
import json, sys
from PIL import Image
import pillow_heif
pillow_heif.register_heif_opener()
try:
    import pillow_jxl  # noqa: F401
except ImportError:
    pass

image = Image.open(sys.argv[1])
head = {'width': image.width, 'height': image.height, 'format': image.format, 'mode': image.mode, 'dpi': [float(v) for v in image.info['dpi']] if 'dpi' in image.info else None}
pixels = image.convert('RGBA').tobytes()
sys.stdout.buffer.write(json.dumps(head).encode() + b'\n' + pixels)
