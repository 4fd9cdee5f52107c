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
  private final Listings listings = new Listings(store, 100_000);

  /** Says which folders were listed. */
  private static final class CountingStore implements Store {
    private final LocalStore files = new LocalStore(TemporaryNames.unique());
    private final List<String> listed = new ArrayList<>();
    private boolean fails;

    @Override
    public Optional<List<StoredFile>> filesBelow(Location folder, int most) throws IOException {
      if (fails) {
        throw new IllegalArgumentException("java.net.UnknownHostException: nosuchhost.invalid");
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

  private List<Location> files(String pattern, int count) throws IOException {
    List<Location> files = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      files.add(file(pattern.formatted(i)));
    }
    return files;
  }

  private static int found(Listings listings, List<Location> files) throws IOException {
    files.forEach(listings::expect);
    int found = 0;
    for (Location file : files) {
      Optional<StoredFile> listed = listings.find(file);
      if (listed.isPresent()) {
        assertThat(listed).isEqualTo(new LocalStore(TemporaryNames.unique()).status(file));
        found++;
      }
    }
    return found;
  }

  @Test
  void a_folder_of_which_four_files_are_asked_for_is_listed_once() throws IOException {
    assertThat(found(listings, files("few/m%d.onnx", 3))).isZero();
    assertThat(store.listed).isEmpty();
    assertThat(found(listings, files("zoo/m%d.onnx", 50))).isEqualTo(50);
    assertThat(store.listed).containsExactly("zoo");
  }

  @Test
  void models_in_folders_of_their_own_are_listed_from_the_one_that_holds_those()
      throws IOException {
    assertThat(found(listings, files("few/m%d/model.onnx", 15))).isZero();
    assertThat(store.listed).isEmpty();
    assertThat(found(listings, files("zoo/m%d/model.onnx", 100))).isEqualTo(100);
    assertThat(store.listed).containsExactly("zoo");
  }

  @Test
  void a_file_that_is_not_there_is_not_found_and_nothing_is_listed_for_it_again()
      throws IOException {
    found(listings, files("zoo/m%d.onnx", 10));
    for (int i = 0; i < 100; i++) {
      assertThat(listings.find(Location.of(folder.resolve("zoo/none" + i)))).isEmpty();
      assertThat(listings.find(Location.of(folder.resolve("zoo/none/" + i)))).isEmpty();
    }
    assertThat(store.listed).containsExactly("zoo");
  }

  @Test
  void a_folder_with_much_more_than_is_asked_for_is_given_up_and_so_are_those_above_it()
      throws IOException {
    files("zoo/other%d", 4_000);
    List<Location> models = files("zoo/m%d.onnx", 4);
    assertThat(found(listings, models)).isZero();
    assertThat(store.listed).containsExactly("zoo");

    Listings another = new Listings(store, 100_000);
    assertThat(found(another, files("zoo/m%d.onnx", 5))).isEqualTo(5);
  }

  @Test
  void no_more_files_are_held_than_there_is_room_for() throws IOException {
    Listings narrow = new Listings(store, 30);
    assertThat(found(narrow, files("large/%d", 31))).isZero();
    assertThat(found(narrow, files("small/%d", 20))).isEqualTo(20);
    assertThat(found(narrow, files("other/%d", 11))).isZero();
  }

  @Test
  void a_store_that_does_not_answer_is_not_asked_again() throws IOException {
    store.fails = true;
    List<Location> models = files("zoo/m%d.onnx", 10);
    assertThat(found(listings, models)).isZero();
    store.fails = false;
    assertThat(found(listings, models)).isZero();
  }
}
