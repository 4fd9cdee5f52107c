/*
 * Copyright the Fusewright authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License"); you may not use this file except
 * in compliance with the License. You may obtain a copy of the License at
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software distributed under the License
 * is distributed on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express
 * or implied. See the License for the specific language governing permissions and limitations under
 * the License.
 */
package dev.fusewright.core.verify.inputs;

/**
 * A page of print: dark, blocky glyphs in lines on a light ground. Brightness is from 0 to 1.
 *
 * @param seed of the glyphs; two pages of one seed are the same
 * @param height in pixels
 */
record Page(long seed, long height) {
  /** Pixels of a glyph, each as large as the page allows. */
  private static final int COLUMNS = 4;

  private static final int ROWS = 6;

  /** Rows from one line to the next, and columns from one glyph to the next. */
  private static final int LINE = 9;

  private static final int ADVANCE = 5;

  /** Of so many glyphs one is left out: the gap between words. */
  private static final int WORD = 6;

  private static final int LEAST_LINES = 3;
  private static final int LARGEST_PIXEL = 4;

  private static final double INK = 0.1;
  private static final double PAPER = 0.95;

  /** The brightness of a pixel. */
  double at(long y, long x) {
    long pixel = Math.max(1, Math.min(LARGEST_PIXEL, height / (LEAST_LINES * LINE)));
    long row = y / pixel;
    long column = x / pixel;
    long glyph = Noise.bits(seed, row / LINE, column / ADVANCE);
    boolean isBlank =
        row % LINE < LINE - ROWS
            || column % ADVANCE >= COLUMNS
            || Math.floorMod(glyph >>> 32, WORD) == 0;
    long bit = (row % LINE - (LINE - ROWS)) * COLUMNS + column % ADVANCE;
    return isBlank || (glyph >>> bit & 1) == 0 ? PAPER : INK;
  }
}
