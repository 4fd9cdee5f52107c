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
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Storage configuration that a job sends to its workers: Hadoop properties over the defaults and
 * the {@code core-site.xml} that it finds there, and where workers put local files. Serialisable,
 * unlike Hadoop's own configuration, and free of secrets: it is shown in Flink's user interface.
 */
public final class StorageConfiguration implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final Pattern SECRET =
      Pattern.compile(
          "(secret|password|passwd|passphrase|(?<!by)pass$|pwd$|token(?!izer)|jwt|bearer|api[._-]?key|access[._-]?key"
              + "|account[._-]?key|private[._-]?key|session[._-]?key|encryption\\.key|user[._-]?info"
              + "|credentials?$|[._-]sas(?:[._-]|$)|signature)");

  /**
   * A name and a secret before an '@', as they are or percent-encoded, with a scheme or without.
   */
  private static final Pattern SECRET_IN_URI =
      Pattern.compile("(?i)(?:^|//|[\\s,;=])[^/@\\s,;=]*(?::|%3a)[^/@\\s,;=]*(?:@|%40)");

  /** A name alone before an '@', where it is nobody's container, key store or name node. */
  private static final Pattern USER_IN_URI =
      Pattern.compile("(?i)\\b(?:https?|socks\\w*|ftps?|s3[an]?|gs)://[^/@\\s]*(?:@|%40)");

  /**
   * Values that are credentials whatever their key: JSON web tokens, AWS's key ids, tokens of
   * GitHub, GitLab and Slack, PEM, HTTP's.
   */
  private static final Pattern SECRET_VALUE =
      Pattern.compile(
          "(\\beyJ[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]{8,}\\.|\\b(?:AKIA|ASIA)[A-Z0-9]{16}\\b|-----BEGIN "
              + "|\\b(?:gh[pousr]_|github_pat_|glpat-|xox[abeprs]-)[A-Za-z0-9_-]{10,}"
              + "|^(?:Bearer|Basic) \\S+|(?i:password|passwd|pwd|secret)\\s*[=:]\\s*\\S|"
              + Location.SIGNED.pattern()
              + ")");

  private static final Pattern NAMES_A_PROVIDER =
      Pattern.compile("(provider|\\.impl$|\\.type\\.|\\.type$|path$|file$|algorithm)");

  private final TreeMap<String, String> properties;
  private final ScratchSettings scratch;

  private StorageConfiguration(Map<String, String> properties, ScratchSettings scratch) {
    this.properties = new TreeMap<>(properties);
    this.scratch = scratch;
  }

  /** Nothing over the defaults. */
  public static StorageConfiguration defaults() {
    return new StorageConfiguration(Map.of(), ScratchSettings.defaults());
  }

  /**
   * These properties over the defaults.
   *
   * @throws IllegalArgumentException if one of them would carry a secret
   */
  public static StorageConfiguration of(Map<String, String> properties) {
    for (Map.Entry<String, String> property : properties.entrySet()) {
      String key = property.getKey();
      if (isSecret(key) || holdsSecret(property.getValue())) {
        throw new IllegalArgumentException(
            ("%s would carry a secret into options, logs and user interfaces. Name a credential provider instead"
                    + " (fs.s3a.aws.credentials.provider, hadoop.security.credential.provider.path), or use the"
                    + " environment's or the instance's own credentials.")
                .formatted(key));
      }
    }
    return new StorageConfiguration(properties, ScratchSettings.defaults());
  }

  private static boolean holdsSecret(String value) {
    return SECRET_IN_URI.matcher(value).find()
        || USER_IN_URI.matcher(value).find()
        || SECRET_VALUE.matcher(value).find();
  }

  private static boolean isSecret(String key) {
    String lower = key.toLowerCase(Locale.ROOT);
    return SECRET.matcher(lower).find() && !NAMES_A_PROVIDER.matcher(lower).find();
  }

  /** These properties with one more over them. */
  StorageConfiguration with(String key, String value) {
    TreeMap<String, String> more = new TreeMap<>(properties);
    more.put(key, value);
    return of(more).with(scratch);
  }

  /** These properties with other local files. */
  public StorageConfiguration with(ScratchSettings other) {
    return new StorageConfiguration(properties, other);
  }

  /** Where workers put local files. */
  public ScratchSettings scratch() {
    return scratch;
  }

  /** The properties, by name. */
  public SortedMap<String, String> properties() {
    return Collections.unmodifiableSortedMap(properties);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof StorageConfiguration configuration
        && properties.equals(configuration.properties)
        && scratch.equals(configuration.scratch);
  }

  @Override
  public int hashCode() {
    return properties.hashCode() * 31 + scratch.hashCode();
  }

  @Override
  public String toString() {
    return properties.toString();
  }
}
