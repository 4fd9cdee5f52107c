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
package dev.fusewright.pipeline.cli;

import dev.fusewright.io.storage.StorageConfiguration;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Option;

/** Options of every command that reaches stores. */
final class StoreOptions {
  @Option(
      names = "--storage",
      paramLabel = "KEY=VALUE",
      description =
          "A property of Hadoop's file systems, such as fs.s3a.endpoint. Never a secret: those come from providers.")
  private Map<String, String> storage = new LinkedHashMap<>();

  StorageConfiguration configuration() {
    try {
      return StorageConfiguration.of(storage);
    } catch (IllegalArgumentException e) {
      throw new UsageException("--storage: " + e.getMessage());
    }
  }
}
