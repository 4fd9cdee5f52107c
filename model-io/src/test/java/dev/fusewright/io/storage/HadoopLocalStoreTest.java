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

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HadoopLocalStoreTest extends StoreContract {
  @TempDir Path folder;

  @Override
  Store store() {
    return Stores.of(StorageConfiguration.defaults());
  }

  @Override
  Location root() {
    return Location.of(folder);
  }

  @Test
  void no_checksum_files_are_left_beside_what_is_published() throws IOException {
    store().publish(new byte[] {1}, root().resolve("model.onnx"));
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(folder.resolve("model.onnx"));
    }
  }

  @Test
  void a_file_system_that_somebody_else_opened_first_is_not_used() throws IOException {
    var theirs =
        org.apache.hadoop.fs.FileSystem.get(
            folder.toUri(), new org.apache.hadoop.conf.Configuration());
    assertThat(theirs).isInstanceOf(org.apache.hadoop.fs.LocalFileSystem.class);
    store().publish(new byte[] {1}, root().resolve("model.onnx"));
    assertThat(folder.resolve(".model.onnx.crc")).doesNotExist();
  }
}
