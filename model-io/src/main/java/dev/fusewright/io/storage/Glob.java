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
package dev.fusewright.io.storage;

import java.util.regex.Pattern;

/**
 * A pattern of locations, with one meaning on every store.
 *
 * <p>{@code *} and {@code ?} stand for any characters or one character of a single step of the
 * path, {@code [abc]} and {@code [!abc]} for one of a set, {@code {onnx,pt}} for one of several
 * texts, and a step {@code **} for any number of steps. Files and folders whose name begins with a
 * dot are matched only where the pattern has that dot.
 */
public final class Glob {
  private static final String WILDCARDS = "*?[{";

  /** Of a pattern on one name; real ones take some hundred. */
  private static final int MOST_STEPS = 10_000_000;

  private final Location base;
  private final String rest;
  private final Pattern pattern;

  private Glob(Location base, String rest, Pattern pattern) {
    this.base = base;
    this.rest = rest;
    this.pattern = pattern;
  }

  /** Whether a location is a pattern rather than the name of one file. */
  public static boolean isGlob(Location location) {
    return location.path().chars().anyMatch(c -> WILDCARDS.indexOf(c) >= 0);
  }

  /** Reads a pattern; a location without wildcards matches itself. */
  public static Glob of(Location location) {
    String path = location.path();
    int firstWildcard = 0;
    while (firstWildcard < path.length() && WILDCARDS.indexOf(path.charAt(firstWildcard)) < 0) {
      firstWildcard++;
    }
    int end = path.lastIndexOf('/', firstWildcard);
    String folder = end <= 0 ? "/" : path.substring(0, end);
    return new Glob(
        new Location(location.scheme(), location.authority(), folder),
        path.substring(end + 1),
        Pattern.compile(regex(path)));
  }

  /** The deepest folder that holds every match. */
  public Location base() {
    return base;
  }

  /** Whether matches may lie in folders below {@link #base}. */
  public boolean isRecursive() {
    return rest.indexOf('/') >= 0 || rest.equals("**");
  }

  /**
   * Whether a location of the same store matches.
   *
   * @throws IllegalArgumentException if a name is made so that this pattern takes too long for it
   */
  public boolean matches(Location location) {
    try {
      return pattern.matcher(new BoundedText(location.path(), MOST_STEPS)).matches();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "%s: %s; write fewer '*' in one step of the path".formatted(rest, e.getMessage()), e);
    }
  }

  private static String regex(String path) {
    StringBuilder regex = new StringBuilder();
    int alternatives = 0;
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      boolean stepStart = i == 0 || path.charAt(i - 1) == '/';
      switch (c) {
        case '*' -> {
          if (stepStart && path.startsWith("**/", i)) {
            regex.append("(?:(?!\\.)[^/]+/)*");
            i += 2;
          } else if (stepStart && path.startsWith("**", i) && i + 2 == path.length()) {
            regex.append("(?:(?!\\.)[^/]+/)*(?!\\.)[^/]+");
            i++;
          } else {
            regex.append(stepStart ? "(?!\\.)[^/]*" : "[^/]*");
          }
        }
        case '?' -> regex.append(stepStart ? "(?!\\.)[^/]" : "[^/]");
        case '[' -> {
          int close = path.indexOf(']', i + 2);
          if (close < 0) {
            throw new IllegalArgumentException(path + " has a '[' without its ']'");
          }
          String set = path.substring(i + 1, close);
          boolean negated = set.startsWith("!");
          regex
              .append(negated ? "[^/" : "[")
              .append(escapeSet(negated ? set.substring(1) : set))
              .append(']');
          i = close;
        }
        case '{' -> {
          alternatives++;
          regex.append("(?:");
        }
        case '}' -> {
          if (alternatives == 0) {
            regex.append("\\}");
          } else {
            alternatives--;
            regex.append(')');
          }
        }
        case ',' -> regex.append(alternatives > 0 ? "|" : ",");
        default -> regex.append(Pattern.quote(String.valueOf(c)));
      }
    }
    if (alternatives > 0) {
      throw new IllegalArgumentException(path + " has a '{' without its '}'");
    }
    return regex.toString();
  }

  private static String escapeSet(String set) {
    return set.replaceAll("[\\\\\\[\\]&^]", "\\\\$0");
  }
}
