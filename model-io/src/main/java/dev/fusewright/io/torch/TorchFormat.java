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
package dev.fusewright.io.torch;

import java.math.BigInteger;

/** Constants and limits of PyTorch's file formats. The package's description shows the layouts. */
final class TorchFormat {
  /** The first pickle of a legacy file. */
  static final BigInteger LEGACY_MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);

  /** The second pickle of a legacy file. */
  static final long LEGACY_PROTOCOL = 1001;

  /**
   * The only pickle protocol that is written, and that torch's own loader of weights understands.
   */
  static final int PICKLE_PROTOCOL = 2;

  /** What torch writes into the record {@code version}. */
  static final String ARCHIVE_VERSION = "3\n";

  /**
   * Payloads begin at multiples of this, as torch's own writer lays them out, so that they can be
   * mapped.
   */
  static final int ALIGNMENT = 64;

  /**
   * Operations in one pickle: a checkpoint of 100,000 tensors with an optimizer needs some 20
   * million.
   */
  static final long MAX_OPERATIONS = 60_000_000;

  /** Heap, as estimated, that the values of one pickle may take. */
  static final long MAX_HEAP = 128L << 20;

  /** Containers within containers. */
  static final int MAX_DEPTH = 400;

  /** Items on the interpreter's stack. */
  static final int MAX_STACK = 4_000_000;

  /** Open marks. */
  static final int MAX_MARKS = 10_000;

  /** Memo slots. */
  static final int MAX_MEMO = 8_000_000;

  /** Axes of a tensor; torch itself stops at 64. */
  static final int MAX_RANK = 64;

  /** Elements that overlapping views (expanded tensors) may have beyond those of their storage. */
  static final long MAX_EXPANDED = 1L << 26;

  /** Entries of an archive. */
  static final int MAX_ENTRIES = 1_000_000;

  /** Unpacked bytes per packed byte from which on an entry above {@link #SMALL_ENTRY} is a bomb. */
  static final long MAX_RATIO = 250;

  /** Entries up to this size are unpacked at any ratio: a vector of zeros packs well. */
  static final long SMALL_ENTRY = 1L << 20;

  /**
   * Scratch that one archive may take. torch stores its payloads; only archives packed by hand
   * deflate them.
   */
  static final long MAX_UNPACKED = 8L << 30;

  /** Bytes of an archive's directory. */
  static final long MAX_DIRECTORY = 48L << 20;

  private TorchFormat() {}
}
