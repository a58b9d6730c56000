"""Format, size and EXIF of each file named, by Pillow, without their pixels."""
import sys

from PIL import Image

for file in sys.argv[1:]:
    with Image.open(file) as picture:
        exif = picture.getexif()
        print(picture.format, picture.size, dict(exif), [dict(exif.get_ifd(ifd)) for ifd in (0x8769, 0x8825)])
