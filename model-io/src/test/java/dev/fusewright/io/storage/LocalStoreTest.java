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
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LocalStoreTest extends StoreContract {
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
  void whoever_began_a_file_that_nobody_touched_for_a_day_is_gone() throws IOException {
    Path lost = left(".lost.onnx.0123456789abcdef.0123456789abcdef", Store.ABANDONED);
    Path older = left(".0f8fad5b-d9cb-469f-a165-70867728950e", Store.ABANDONED.plusHours(1));
    Path recent = left(".recent.onnx.0123456789abcdef.0123", Store.ABANDONED.minusMinutes(5));
    Path foreign = left("no-hidden-file", Store.ABANDONED.plusDays(99));
    Path timeless = left(".timeless", Duration.between(Instant.EPOCH, Instant.now()).plusDays(1));

    assertThat(store().removeOrphans(root(), Instant.now())).isEqualTo(2);
    assertThat(lost).doesNotExist();
    assertThat(older).doesNotExist();
    assertThat(recent).exists();
    assertThat(foreign).exists();
    assertThat(timeless).as("its store does not tell when").exists();
  }

  @Test
  void removing_orphans_leaves_its_folder_by_no_link_and_ends_at_none(@TempDir Path elsewhere)
      throws IOException {
    Path beyond = Files.createFile(elsewhere.resolve(".far.fusewright-tmp"));
    Files.setLastModifiedTime(beyond, FileTime.from(Instant.now().minus(Duration.ofDays(9))));
    Files.createSymbolicLink(folder.resolve("a link out"), elsewhere);
    Files.createSymbolicLink(folder.resolve("b loop"), folder);
    Files.createSymbolicLink(folder.resolve(".c.fusewright-tmp"), beyond);
    Path lost = left("z/.lost", Store.ABANDONED.plusHours(1));

    assertThat(store().removeOrphans(root(), Instant.now())).isEqualTo(1);
    assertThat(lost).doesNotExist();
    assertThat(beyond).exists();

    Location linked = Location.of(folder.resolve("a link out"));
    assertThat(store().removeOrphans(linked, Instant.now())).as("asked for by a link").isEqualTo(1);
    assertThat(beyond).doesNotExist();
  }

  private Path left(String name, Duration ago) throws IOException {
    Files.createDirectories(folder.resolve(name).resolveSibling("."));
    Path file = Files.createFile(folder.resolve(name + ".fusewright-tmp"));
    return Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(ago)));
  }

  @Test
  void a_writer_whose_name_would_lead_elsewhere_is_refused() {
    assertThatThrownBy(() -> Stores.of(StorageConfiguration.defaults(), "../x"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("found '../x'");
  }
}
