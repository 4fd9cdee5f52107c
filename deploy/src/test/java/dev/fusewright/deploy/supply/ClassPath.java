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

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/** What the jars of a folder are made of, the libraries that are hidden in other jars included. */
final class ClassPath {
  private static final String NETTY = "META-INF/io.netty.versions.properties";
  private static final String NETTY_VERSION = ".version";

  private ClassPath() {}

  /**
   * The libraries in a jar that are not the jar's own: those whose Maven coordinates it has kept,
   * and those of netty, which writes its versions elsewhere.
   *
   * @param carrier the jar's own group:name
   */
  static List<Component> hidden(Path file, String carrier) {
    List<Component> found = new ArrayList<>();
    try (JarFile jar = new JarFile(file.toFile())) {
      for (JarEntry entry : jar.stream().toList()) {
        if (entry.getName().matches("META-INF/maven/[^/]+/[^/]+/pom\\.properties")) {
          Properties coordinates = properties(jar, entry);
          String artifact =
              coordinates.getProperty("groupId") + ":" + coordinates.getProperty("artifactId");
          found.add(new Component(artifact, coordinates.getProperty("version"), carrier));
        }
      }
      JarEntry netty = jar.getJarEntry(NETTY);
      if (netty != null) {
        Properties versions = properties(jar, netty);
        versions.stringPropertyNames().stream()
            .filter(name -> name.endsWith(NETTY_VERSION))
            .map(
                name ->
                    new Component(
                        "io.netty:" + name.substring(0, name.length() - NETTY_VERSION.length()),
                        versions.getProperty(name),
                        carrier))
            .forEach(found::add);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(file.toString(), e);
    }
    return found.stream().filter(component -> !component.artifact().equals(carrier)).toList();
  }

  private static Properties properties(JarFile jar, JarEntry entry) throws IOException {
    Properties properties = new Properties();
    try (InputStream in = jar.getInputStream(entry)) {
      properties.load(in);
    }
    return properties;
  }
}
