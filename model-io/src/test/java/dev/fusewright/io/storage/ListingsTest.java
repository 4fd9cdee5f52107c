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
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ListingsTest {
  @TempDir Path folder;
  private final CountingStore store = new CountingStore();
  private long now;
  private final Listings listings = new Listings(store, 100_000, () -> now);

  /** Says which folders were listed. */
  private static final class CountingStore implements Store {
    private final LocalStore files = new LocalStore();
    private final List<String> listed = new ArrayList<>();
    private boolean fails;

    @Override
    public Optional<List<StoredFile>> filesBelow(Location folder, int most) throws IOException {
      if (fails) {
        throw new IOException("503");
      }
      listed.add(folder.name());
      return files.filesBelow(folder, most);
    }

    @Override
    public Optional<StoredFile> status(Location location) {
      throw new AssertionError("a listing asks for no single file");
    }

    @Override
    public List<StoredFile> list(Location glob) {
      throw new AssertionError();
    }

    @Override
    public InputStream open(Location location, long offset) {
      throw new AssertionError();
    }

    @Override
    public PendingFile create(Location location, Existing existing) {
      throw new AssertionError();
    }
  }

  private Location file(String name) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.resolveSibling("."));
    if (!Files.exists(file)) {
      Files.writeString(file, name);
    }
    return Location.of(file);
  }

  private int found(String pattern, int files) throws IOException {
    for (int i = 0; i < files; i++) {
      file(pattern.formatted(i));
    }
    int found = 0;
    for (int i = 0; i < files; i++) {
      Location location = Location.of(folder.resolve(pattern.formatted(i)));
      Optional<StoredFile> listed = listings.find(location);
      if (listed.isPresent()) {
        assertThat(listed).isEqualTo(new LocalStore().status(location));
        found++;
      }
    }
    return found;
  }

  @Test
  void a_folder_of_which_four_files_are_asked_for_is_listed_once() throws IOException {
    assertThat(found("zoo/m%d.onnx", 3)).isZero();
    assertThat(store.listed).isEmpty();
    assertThat(found("zoo/m%d.onnx", 50)).isEqualTo(50);
    assertThat(store.listed).containsExactly("zoo");
  }

  @Test
  void models_in_folders_of_their_own_are_listed_from_the_one_that_holds_those()
      throws IOException {
    assertThat(found("zoo/m%d/model.onnx", 100)).isEqualTo(100 - 15);
    assertThat(store.listed).containsExactly("zoo");
  }

  @Test
  void a_file_that_is_not_there_is_not_found_and_nothing_is_listed_for_it_again()
      throws IOException {
    found("zoo/m%d.onnx", 10);
    for (int i = 0; i < 100; i++) {
      assertThat(listings.find(Location.of(folder.resolve("zoo/none" + i)))).isEmpty();
      assertThat(listings.find(Location.of(folder.resolve("zoo/none/" + i)))).isEmpty();
    }
    assertThat(store.listed).containsExactly("zoo");
  }

  @Test
  void a_folder_with_much_more_than_is_asked_for_is_given_up_and_so_are_those_above_it()
      throws IOException {
    Files.createDirectories(folder.resolve("zoo"));
    for (int i = 0; i < 20_000; i++) {
      Files.createFile(folder.resolve("zoo/other" + i));
    }
    assertThat(found("zoo/m%d.onnx", 15)).isZero();
    assertThat(store.listed).containsExactly("zoo");
    assertThat(found("zoo/m%d.onnx", 48)).isZero();
    assertThat(store.listed).containsExactly("zoo", "zoo");
    // 64 were asked for: they are worth 60,000.
    assertThat(found("zoo/m%d.onnx", 60)).isEqualTo(60);
    assertThat(store.listed).containsExactly("zoo", "zoo", "zoo");
  }

  @Test
  void no_more_files_are_held_than_there_is_room_for() throws IOException {
    Listings narrow = new Listings(store, 30, () -> now);
    for (int i = 0; i < 100; i++) {
      file("a/" + i);
    }
    for (int i = 0; i < 20; i++) {
      file("b/" + i);
    }
    for (int i = 0; i < 100; i++) {
      assertThat(narrow.find(Location.of(folder.resolve("a/" + i)))).isEmpty();
    }
    for (int i = 0; i < 20; i++) {
      assertThat(narrow.find(Location.of(folder.resolve("b/" + i))).isPresent()).isEqualTo(i > 2);
    }
  }

  @Test
  void what_was_listed_a_while_ago_is_not_believed() throws IOException {
    found("zoo/m%d.onnx", 10);
    now += Listings.FRESH.toNanos() - 1;
    assertThat(found("zoo/m%d.onnx", 10)).isEqualTo(10);
    assertThat(store.listed).containsExactly("zoo");
    now += 1;
    assertThat(found("zoo/m%d.onnx", 10)).isEqualTo(7);
    assertThat(store.listed).containsExactly("zoo", "zoo");
  }

  @Test
  void a_store_that_does_not_answer_is_asked_again_when_it_is_worth_more() throws IOException {
    store.fails = true;
    assertThat(found("zoo/m%d.onnx", 10)).isZero();
    store.fails = false;
    assertThat(found("zoo/m%d.onnx", 10)).isEqualTo(5);
  }
}
