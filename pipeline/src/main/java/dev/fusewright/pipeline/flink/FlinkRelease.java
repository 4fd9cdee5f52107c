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
package dev.fusewright.pipeline.flink;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/**
 * The release of Flink whose classes the job is compiled and tested with, as the parent POM has it:
 * the one place in which it is set.
 */
public final class FlinkRelease {
  private static final Properties RELEASE = read();

  private FlinkRelease() {}

  /** The releases that the job runs on: major and minor number. */
  public static String series() {
    return RELEASE.getProperty("series");
  }

  /** The one of them that an embedded run and a local cluster are. */
  public static String version() {
    return RELEASE.getProperty("version");
  }

  /** Whether the job runs on a release. */
  static boolean fits(String version) {
    return version.equals(series()) || version.startsWith(series() + ".");
  }

  private static Properties read() {
    try (InputStream in = FlinkRelease.class.getResourceAsStream("release.properties")) {
      Properties properties = new Properties();
      properties.load(in);
      return properties;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
