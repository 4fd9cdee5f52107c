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
package dev.fusewright.pipeline.model;

import dev.fusewright.core.engine.FusionEngine;
import dev.fusewright.io.Formats;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Properties;

/** This program, as reports and published models name it. */
public final class Converter {
  /** Its name. */
  public static final String NAME = "fusewright";

  private static final String VERSION = read();

  private Converter() {}

  /** Its version. */
  public static String version() {
    return VERSION;
  }

  /**
   * The digest of the code that decides what is published: the same after another build of the same
   * sources, another one when a rule has changed, although the version has not.
   */
  public static String build() {
    return Build.ID;
  }

  /** Both, as a version with its build: {@code 0.1.0-SNAPSHOT+1f0c9a7b5d3e8642}. */
  public static String versionAndBuild() {
    return version() + "+" + build();
  }

  private static String read() {
    try (InputStream in = Converter.class.getResourceAsStream("converter.properties")) {
      Properties properties = new Properties();
      properties.load(in);
      return properties.getProperty("version");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Computed when it is asked for. */
  private static final class Build {
    static final String ID =
        BuildId.of(
            List.of(
                BuildId.Part.of(FusionEngine.class, "dev/fusewright/core/"),
                BuildId.Part.of(Formats.class, "dev/fusewright/io/"),
                BuildId.Part.of(Converter.class, "dev/fusewright/pipeline/model/"),
                BuildId.Part.of(Converter.class, "dev/fusewright/pipeline/settings/"),
                BuildId.Part.of(Converter.class, "dev/fusewright/pipeline/verification/")));
  }
}
