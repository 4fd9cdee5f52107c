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
package dev.fusewright.pipeline.catalogue;

import dev.fusewright.core.text.Printable;
import dev.fusewright.io.Formats;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.Stores;
import java.util.Locale;

/** Names of entries, and of what is published of them. */
public final class EntryNames {
  private static final int LONGEST = 512;

  /** As long as a path may be where it is longest. */
  private static final int LONGEST_URI = 4096;

  /** What a name has where its bytes could not be decoded. */
  private static final char UNDECODED = '\uFFFD';

  private EntryNames() {}

  /**
   * Checks a name that becomes a path below {@code --output}.
   *
   * @throws IllegalArgumentException if it would leave that folder, or meet the reports in it
   */
  public static void check(String field, String name) {
    String fault = fault(name);
    if (fault != null) {
      throw new IllegalArgumentException("%s '%s' %s".formatted(field, printable(name), fault));
    }
  }

  /**
   * Checks what an entry says of where its model is, as far as its spelling tells.
   *
   * @throws IllegalArgumentException if nothing can be there
   */
  static String checkedUri(String uri) {
    if (uri.length() > LONGEST_URI) {
      throw new IllegalArgumentException(
          "uri '%s' is longer than %d characters".formatted(printable(uri), LONGEST_URI));
    }
    if (isUnpaired(uri)) {
      throw new IllegalArgumentException(
          "uri '%s' holds half a character (a lone surrogate)".formatted(printable(uri)));
    }
    return uri;
  }

  /** Whether a text holds half of a pair of surrogates, which no encoding can write. */
  private static boolean isUnpaired(String text) {
    return text.codePoints()
        .anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
  }

  private static @org.jspecify.annotations.Nullable String fault(String name) {
    if (name.isEmpty()) {
      return "is empty";
    }
    if (name.length() > LONGEST) {
      return "is longer than " + LONGEST + " characters";
    }
    if (name.startsWith("/")) {
      return "is absolute; it is a name below --output";
    }
    if (name.matches("[A-Za-z][A-Za-z0-9+.-]*:/.*")) {
      return "is a URI; it is a name below --output";
    }
    if (isUnpaired(name)) {
      return "holds half a character (a lone surrogate)";
    }
    if (name.indexOf(UNDECODED) >= 0) {
      return "holds U+FFFD, which stands for bytes that are no text in this locale; rename the file, or run in a UTF-8 locale";
    }
    if (name.indexOf('\\') >= 0 || !name.codePoints().allMatch(Printable::isPlain)) {
      return "holds a control or format character, or a backslash";
    }
    for (String step : name.split("/", -1)) {
      if (step.isEmpty() || step.equals(".") || step.equals("..")) {
        return "has the step '" + step + "'; steps are names, with one / between";
      }
    }
    if (Stores.isUnfinishedName(name.substring(name.lastIndexOf('/') + 1))) {
      return "is the name of an unfinished file, which a later run would remove";
    }
    if (name.startsWith("reports/") || name.equals("reports")) {
      return "begins with reports/, where the run writes its reports";
    }
    return null;
  }

  private static String printable(String name) {
    return Printable.line(name.length() > 80 ? name.substring(0, 80) + "…" : name);
  }

  /**
   * Where the model of an entry is published: its id, with the source's extension if that tells a
   * format; with that of the format in which it is written, where that is another.
   */
  public static String output(String id, Location source) {
    String extension = Formats.writtenExtension(extension(source.name()));
    return extension.isEmpty() || id.endsWith("." + extension) ? id : id + "." + extension;
  }

  /**
   * The id of a file that a glob matches: its name, an ONNX model's without its extension. It does
   * not depend on what lies beside it: {@code a.pt} is no other entry when {@code a.onnx} appears.
   */
  static String ofFile(String name) {
    boolean isOnnx = Formats.onnx().extensions().contains(extension(name).toLowerCase(Locale.ROOT));
    return isOnnx ? withoutExtension(name) : name;
  }

  /** A file's name without an extension that tells a format. */
  public static String withoutExtension(String name) {
    String extension = extension(name);
    return extension.isEmpty() ? name : name.substring(0, name.length() - extension.length() - 1);
  }

  /** The extension, if it is one that checkpoints have; empty otherwise. */
  private static String extension(String name) {
    String extension = Formats.extension(name).orElse("");
    return name.length() - extension.length() - 1 <= name.lastIndexOf('/') + 1 ? "" : extension;
  }
}
