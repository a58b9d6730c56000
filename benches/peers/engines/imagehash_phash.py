"""ImageHash's pHash of each file named, decoded by Pillow."""
import sys

import imagehash
from PIL import Image

for file in sys.argv[1:]:
    with Image.open(file) as picture:
        print(imagehash.phash(picture))
