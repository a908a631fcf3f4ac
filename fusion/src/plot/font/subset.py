#!/usr/bin/env python3
"""Makes `inter.ttf`, the font of PNG figures, from a whole one.

    python3 subset.py Inter_400Regular.ttf

The whole one is Inter 4.001, Copyright 2020 The Inter Project Authors, under the SIL Open Font License 1.1 (`LICENSE-Inter`),
as `400Regular/Inter_400Regular.ttf` of the npm package `@expo-google-fonts/inter` 0.4.2. What stays are the letters below and
their kerning. It needs `pip install fonttools`; `inter.ttf` was written by 4.68.0, and each run gives the same bytes.
"""

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

LETTERS = [
    (0x20, 0x7E),  # ASCII
    (0xA0, 0x17F),  # Latin of Europe
    (0x391, 0x3C9),  # Greek
    (0x400, 0x45F),  # Cyrillic
    (0x2010, 0x2026),  # dashes, quotes, the ellipsis
    (0x2070, 0x208E),  # superscripts and subscripts
    (0x20AC, 0x20AC),  # the euro
    (0x2190, 0x2193),  # arrows
    (0x2202, 0x2265),  # mathematics
]

font = TTFont(sys.argv[1], recalcTimestamp=False)
options = subset.Options(layout_features=["kern"], hinting=False, recalc_timestamp=False, name_IDs=[0, 1, 2, 4, 5, 6, 13, 14])
subsetter = subset.Subsetter(options)
subsetter.populate(unicodes=[letter for first, last in LETTERS for letter in range(first, last + 1)])
subsetter.subset(font)
font.save(Path(__file__).with_name("inter.ttf"))
