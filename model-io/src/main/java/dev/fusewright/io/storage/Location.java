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

import java.io.Serializable;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of a file, a folder or a glob: an absolute local path, or a scheme with an authority and
 * a path.
 *
 * <p>Not a {@link java.net.URI}: nothing is percent-encoded or decoded, so that a key with a space,
 * a percent sign or a glob's braces means what is written, as in Hadoop's {@code Path}.
 *
 * @param scheme {@code file} for local files
 * @param authority bucket, name node or container; empty for local files
 * @param path absolute, without empty steps, {@code .} and {@code ..}
 */
public record Location(String scheme, String authority, String path) implements Serializable {
  private static final String FILE = "file";
  private static final Pattern URI =
      Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*):(?://([^/]*))?(/.*)?");

  /** Where nothing can be without a bucket; elsewhere a configuration may name what is meant. */
  private static final Set<String> HAS_BUCKETS = Set.of("s3", "s3a", "s3n", "gs");

  /** Where what stands before the '@' is a container's name. */
  private static final Set<String> HAS_CONTAINERS = Set.of("abfs", "abfss", "wasb", "wasbs");

  /** What the vendors' signed addresses hold that opens the file to whoever reads them. */
  static final Pattern SIGNED =
      Pattern.compile(
          "(?i)[?&;](?:sig|sv|signature|x-(?:amz|goog)-(?:signature|credential|security-token)|"
              + "awsaccesskeyid|googleaccessid|access_token|token)=");

  /** Normalizes the path. */
  public Location {
    if (path.indexOf('\0') >= 0) {
      throw new IllegalArgumentException(
          "a location holds a NUL character: " + path.replace("\0", "\\0"));
    }
    if (mayHoldSecret(scheme, authority)) {
      // Not printed: it is what must not be seen.
      throw new IllegalArgumentException(
          "a location of the scheme "
              + scheme
              + " holds a name or a secret before an '@', or characters that are percent-encoded there, which would be seen in reports and logs; credentials come from providers, see storage.md");
    }
    if (authority.isEmpty() && HAS_BUCKETS.contains(scheme)) {
      throw new IllegalArgumentException(
          "a location of the scheme %s names no bucket: expected %s://bucket/path"
              .formatted(scheme, scheme));
    }
    if (!scheme.equals(FILE) && SIGNED.matcher(path).find()) {
      throw new IllegalArgumentException(
          "a location of the scheme "
              + scheme
              + " is signed: it holds a secret behind its '?', which would be seen in reports and logs; credentials come from providers, see storage.md");
    }
    path = normalize(path);
  }

  /** A bucket's, a host's and a container's name need no escapes. */
  private static boolean mayHoldSecret(String scheme, String authority) {
    int at = authority.lastIndexOf('@');
    String before = authority.substring(0, Math.max(0, at));
    return authority.indexOf('%') >= 0
        || (at >= 0 && (!HAS_CONTAINERS.contains(scheme) || before.matches("(?s).*[:@].*")));
  }

  /**
   * Reads a path or a URI; a relative path is taken from the working directory.
   *
   * @throws IllegalArgumentException if the text is empty or names no path
   */
  public static Location of(String text) {
    if (text.isEmpty()) {
      throw new IllegalArgumentException("an empty text is no location");
    }
    Matcher uri = URI.matcher(text);
    if (!uri.matches()) {
      return ofLocal(text);
    }
    String scheme = uri.group(1);
    String authority = uri.group(2) == null ? "" : uri.group(2);
    String path = uri.group(3) == null ? "/" : uri.group(3);
    if (scheme.equals(FILE)) {
      if (!authority.isEmpty() && !authority.equals("localhost")) {
        throw new IllegalArgumentException(
            "%s names the host '%s'; a local file is file:///path or just /path"
                .formatted(text, authority));
      }
      return new Location(FILE, "", path);
    }
    return new Location(scheme, authority, path);
  }

  /** The location of a local path. */
  public static Location of(Path path) {
    return new Location(FILE, "", path.toAbsolutePath().toString());
  }

  private static Location ofLocal(String text) {
    return new Location(
        FILE, "", text.startsWith("/") ? text : Path.of("").toAbsolutePath() + "/" + text);
  }

  /** Whether this is a file of this machine. */
  public boolean isLocal() {
    return scheme.equals(FILE);
  }

  /**
   * The local path.
   *
   * @throws IllegalStateException if this is not local
   */
  public Path localPath() {
    if (!isLocal()) {
      throw new IllegalStateException(this + " is not a local file");
    }
    return Path.of(path);
  }

  /** The last step of the path; empty for a root. */
  public String name() {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  /** The folder that holds this; the root holds itself. */
  public Location parent() {
    return new Location(scheme, authority, path.substring(0, Math.max(1, path.lastIndexOf('/'))));
  }

  /** Whether this lies in a folder, or in one below it. */
  public boolean isBelow(Location folder) {
    return scheme.equals(folder.scheme)
        && authority.equals(folder.authority)
        && !path.equals(folder.path)
        && path.startsWith(folder.path.equals("/") ? "/" : folder.path + "/");
  }

  /** A pattern of the files in this folder that have an extension. */
  public Location filesWith(String extension) {
    String folder = path.replaceAll("[*?\\[{]", "[$0]");
    return new Location(scheme, authority, (folder.equals("/") ? "" : folder) + "/*." + extension);
  }

  /** {@code text} as seen from this folder: a path below or beside it, or a location of its own. */
  public Location resolve(String text) {
    if (text.isEmpty()) {
      return this;
    }
    if (URI.matcher(text).matches()) {
      return of(text);
    }
    return new Location(scheme, authority, text.startsWith("/") ? text : path + "/" + text);
  }

  private static String normalize(String path) {
    Deque<String> steps = new ArrayDeque<>();
    for (String step : path.split("/", -1)) {
      if (step.equals("..")) {
        steps.pollLast();
      } else if (!step.isEmpty() && !step.equals(".")) {
        steps.addLast(step);
      }
    }
    return "/" + String.join("/", steps);
  }

  /** A plain path for local files, a URI for others; {@link #of(String)} reads it back. */
  @Override
  public String toString() {
    return isLocal() ? path : scheme + "://" + authority + path;
  }
}
