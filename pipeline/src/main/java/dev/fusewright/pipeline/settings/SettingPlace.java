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
package dev.fusewright.pipeline.settings;

import java.util.Locale;

/** A place where a setting may be said. */
public enum SettingPlace {
  /** An entry of a catalogue, in either form. */
  ENTRY,
  /** The commands on catalogues: {@code run}, {@code plan} and {@code retry}. */
  RUN,
  /** The command {@code fuse}. */
  FUSE,
  /** The command {@code inspect}. */
  INSPECT,
  /** The command {@code verify}. */
  VERIFY,
  /**
   * The other commands that read of stores: {@code catalogue}, {@code report}, {@code show} and
   * {@code diff}.
   */
  READ;

  /** As the documentation calls it. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
