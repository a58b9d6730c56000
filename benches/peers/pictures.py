"""Makes the pictures: `pictures.py FOLDER`. Like photographs to a coder: detail at every scale, edges, sensor noise.

Of the same seed always, so that a run can be held against an earlier one.
"""
import sys
from pathlib import Path

import numpy
from PIL import Image, TiffTags
from PIL.TiffImagePlugin import IFDRational

LARGE = (4000, 3000)
MEDIUM = (1632, 1224)


def main(folder: Path) -> None:
    random = numpy.random.default_rng(12)
    large, medium = photo(LARGE, random), photo(MEDIUM, random)
    # 4:2:0 at 85, as phones and websites write.
    large.save(folder / "12mp.jpg", quality=85)
    large.save(folder / "12mp-progressive.jpg", quality=85, progressive=True)
    medium.save(folder / "2mp.jpg", quality=85)
    medium.save(folder / "2mp.png")
    medium.save(folder / "2mp-lossy.webp", quality=80)
    medium.save(folder / "2mp-exif.jpg", quality=85, exif=exif())
    # What a process costs that has everything loaded and almost nothing to do.
    medium.resize((64, 48)).save(folder / "tiny.jpg")


def photo(size: tuple[int, int], random: numpy.random.Generator) -> Image.Image:
    """Noise of every octave, whose strength falls with its frequency, as in nature, and some sharp-edged shapes."""
    width, height = size
    channels = [octaves(size, random) for _ in range(3)]
    # Most of a photo's detail is in its brightness, which the three share.
    picture = numpy.stack([channels[0] + channel * 0.15 for channel in channels], axis=-1)
    across, down = numpy.meshgrid(numpy.linspace(0, 1, width), numpy.linspace(0, 1, height))
    picture += (60 * (1 - down) - 20 * across)[..., None]
    for _ in range(40):
        left, top, radius = random.uniform(0, 1), random.uniform(0, 1), random.uniform(0.01, 0.12)
        picture[(across - left) ** 2 + (down - top) ** 2 < radius**2] += random.uniform(-40, 40, 3)
    picture += random.normal(0, 3, picture.shape)
    return Image.fromarray(numpy.clip(picture + 100, 0, 255).astype(numpy.uint8))


def octaves(size: tuple[int, int], random: numpy.random.Generator) -> numpy.ndarray:
    total = numpy.zeros((size[1], size[0]), dtype=numpy.float32)
    step = max(size)
    while step >= 2:
        coarse = random.normal(0, 1, (size[1] // step + 2, size[0] // step + 2)).astype(numpy.float32)
        total += 30 * (step / max(size)) ** 0.33 * numpy.asarray(Image.fromarray(coarse).resize(size, Image.BICUBIC))
        step //= 2
    return total


def exif() -> Image.Exif:
    """What a camera writes: some thirty tags, and 1 KB of the maker's own."""
    # EXIF 2.32 says UNDEFINED; Pillow does not know these and would write them as lists of numbers.
    for tag, name in [(37121, "ComponentsConfiguration"), (37500, "MakerNote")]:
        TiffTags.TAGS_V2_GROUPS[0x8769][tag] = TiffTags.TagInfo(tag, name, TiffTags.UNDEFINED, 1)
    tags = Image.Exif()
    tags.update({271: "Bench", 272: "Model One", 274: 1, 282: IFDRational(72), 283: IFDRational(72), 296: 2,
                 305: "1.0", 306: "2026:01:02 03:04:05", 315: "Nobody", 33432: "None"})
    tags.get_ifd(0x8769).update({
        33434: IFDRational(1, 250), 33437: IFDRational(28, 10), 34850: 2, 34855: 100, 36864: b"0232",
        36867: "2026:01:02 03:04:05", 36868: "2026:01:02 03:04:05", 37121: b"\1\2\3\0", 37377: IFDRational(797, 100),
        37378: IFDRational(297, 100), 37380: IFDRational(0), 37383: 5, 37385: 16, 37386: IFDRational(50),
        37500: bytes(range(256)) * 4, 40961: 1, 40962: MEDIUM[0], 40963: MEDIUM[1], 41986: 0, 41987: 0, 41989: 50})
    tags.get_ifd(0x8825).update({0: b"\2\3\0\0", 1: "N", 2: (54.0, 59.0, 22.8), 3: "W", 4: (1.0, 54.0, 51.0),
                                 5: b"\0", 6: IFDRational(120), 29: "2026:01:02"})
    return tags


main(Path(sys.argv[1]))
