# /// script
# requires-python = ">=3.12"
# dependencies = ["pillow"]
# ///
"""Draw the pictures that the verification uploads: uv run scripts/draw_images.py."""

from __future__ import annotations

import math
import random
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter

FILES = Path(__file__).resolve().parent.parent / "roles/image_verification/files"


def draw(width: int) -> Image.Image:
    """Hills under an evening sky, with the grain of a photograph."""
    height, chance = width * 3 // 4, random.Random(width)
    image = Image.new("RGB", (width, height))
    pixels = ImageDraw.Draw(image)
    for y in range(height):
        part = y / height
        pixels.line([(0, y), (width, y)], fill=(int(40 + 200 * part), int(60 + 110 * part), int(130 - 60 * part)))
    pixels.ellipse([width * 0.62, height * 0.38, width * 0.74, height * 0.54], fill=(255, 220, 150))
    for layer in range(4):
        base, shade = height * (0.55 + 0.11 * layer), 70 - 16 * layer
        ridge = [
            (x, base - height * 0.06 * math.sin(x / width * (5 + 3 * layer) + layer) - chance.random() * 3)
            for x in range(0, width + 1, 4)
        ]
        pixels.polygon([(0, height), *ridge, (width, height)], fill=(shade, shade + 20, shade + 10))
    return Image.blend(image, Image.effect_noise(image.size, 40).convert("RGB"), 0.04).filter(ImageFilter.SMOOTH)


def main() -> None:
    FILES.mkdir(parents=True, exist_ok=True)
    draw(640).save(FILES / "photo-640.jpg", quality=70)
    draw(1600).save(FILES / "photo-1600.jpg", quality=50)
    draw(320).quantize(32).save(FILES / "photo-320.png", optimize=True)
    draw(640).save(FILES / "photo-640.webp", quality=60)


if __name__ == "__main__":
    main()
