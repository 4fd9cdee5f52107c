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
package dev.fusewright.deploy.supply;

import java.util.List;
import org.apache.maven.artifact.versioning.DefaultArtifactVersion;
import org.apache.maven.artifact.versioning.InvalidVersionSpecificationException;
import org.apache.maven.artifact.versioning.VersionRange;
import org.jspecify.annotations.Nullable;

/**
 * One line of the list of advisories.
 *
 * @param id as it was published
 * @param artifact as group:name
 * @param affected versions, in Maven's notation
 * @param carrier the jar for which the judgement is meant, if not for the library itself
 * @param judgement why an affected version may stay; null if it may not
 */
record Advisory(
    String id,
    String artifact,
    VersionRange affected,
    @Nullable String carrier,
    @Nullable String judgement) {
  private static final String NONE = "-";
  private static final int COLUMNS = 5;

  /**
   * Reads the list: five columns between tabs, comments behind #.
   *
   * @throws IllegalArgumentException naming the line that is wrong
   */
  static List<Advisory> parse(List<String> lines) {
    return lines.stream()
        .filter(line -> !line.isBlank() && !line.startsWith("#"))
        .map(Advisory::parse)
        .toList();
  }

  private static Advisory parse(String line) {
    String[] columns = line.split("\t", -1);
    if (columns.length != COLUMNS || !columns[1].contains(":") || columns[4].isBlank()) {
      throw new IllegalArgumentException(
          "expected id, group:name, versions, carrier and judgement between tabs, found: " + line);
    }
    try {
      VersionRange affected = VersionRange.createFromVersionSpec(columns[2]);
      if (!affected.hasRestrictions()) {
        throw new IllegalArgumentException(
            "expected a range such as [1.0,1.2), found '%s': %s".formatted(columns[2], line));
      }
      return new Advisory(
          columns[0], columns[1], affected, unlessNone(columns[3]), unlessNone(columns[4]));
    } catch (InvalidVersionSpecificationException e) {
      throw new IllegalArgumentException(e.getMessage() + ": " + line, e);
    }
  }

  private static @Nullable String unlessNone(String column) {
    return column.equals(NONE) ? null : column;
  }

  /** Whether a component has the flaw, wherever it is. */
  boolean affects(Component component) {
    return artifact.equals(component.artifact())
        && affected.containsVersion(new DefaultArtifactVersion(component.version()));
  }
}
