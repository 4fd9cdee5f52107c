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
package dev.fusewright.io.archive;

/** Limits of what an archive may make its reader do, and the layout of those that are written. */
final class ArchiveLimits {
  /**
   * Payloads begin at multiples of this, as torch's own writer lays them out, so that they can be
   * mapped.
   */
  static final int ALIGNMENT = 64;

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

  private ArchiveLimits() {}
}
