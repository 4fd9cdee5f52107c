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

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every store promises. A store is tested by a subclass that says where it lies. */
abstract class StoreContract {
  @TempDir Path scratch;

  abstract Store store();

  /** An empty folder of the store. */
  abstract Location root();

  /**
   * Whether this is how a reader hears that its file was replaced while it was reading. It may be
   * told so, where the store cannot keep the old file for it; it is never given a part of one.
   */
  boolean tellsOfReplacement(IOException e) {
    return false;
  }

  /** Whether a file has a place, under another name, before it is committed. */
  boolean leavesUnfinishedFiles() {
    return true;
  }

  /**
   * Whether the server looks at the version that it is asked to copy. Otherwise whoever asked hears
   * of another, but has it.
   */
  boolean copiesNoOtherVersion() {
    return true;
  }

  private void put(String name, String content) throws IOException {
    store().publish(content.getBytes(UTF_8), root().resolve(name));
  }

  private String read(String name) throws IOException {
    try (InputStream in = store().open(root().resolve(name))) {
      return new String(in.readAllBytes(), UTF_8);
    }
  }

  private List<String> names(String glob) throws IOException {
    int prefix = root().path().length() + 1;
    return store().list(root().resolve(glob)).stream()
        .map(file -> file.location().path().substring(prefix))
        .toList();
  }

  @Test
  void what_is_committed_is_read_back() throws IOException {
    Location target = root().resolve("a/b/model.onnx");
    StoredFile published;
    try (PendingFile pending = store().create(target)) {
      pending.stream().write("one ".getBytes(UTF_8));
      pending.stream().write("two".getBytes(UTF_8));
      published = pending.commit();
    }

    assertThat(read("a/b/model.onnx")).isEqualTo("one two");
    assertThat(published.location()).isEqualTo(target);
    assertThat(published.bytes()).isEqualTo(7);
    assertThat(published.modified())
        .isBetween(
            Instant.now().minus(Duration.ofMinutes(5)), Instant.now().plus(Duration.ofMinutes(5)));
    assertThat(store().status(target)).contains(published);
  }

  @Test
  void nobody_sees_a_file_before_it_is_committed() throws IOException {
    Location target = root().resolve("model.onnx");
    try (PendingFile pending = store().create(target)) {
      pending.stream().write(new byte[100_000]);
      pending.stream().flush();

      assertThat(store().status(target)).isEmpty();
      assertThat(names("*")).isEmpty();
      pending.commit();
    }
    assertThat(names("*")).containsExactly("model.onnx");
  }

  @Test
  void an_abandoned_file_leaves_nothing_behind() throws IOException {
    try (PendingFile pending = store().create(root().resolve("model.onnx"))) {
      pending.stream().write(new byte[100_000]);
    }
    assertThat(names("{.,}*")).isEmpty();
  }

  @Test
  void what_a_killed_writer_left_is_removed_and_what_another_is_writing_is_not()
      throws IOException {
    put("deep/done.onnx", "done");
    Store killed = store();
    killed.create(root().resolve("deep/er/lost.onnx")).stream().write(1);
    try (PendingFile kept = store().create(root().resolve("deep/er/kept.onnx"))) {
      kept.stream().write("kept".getBytes(UTF_8));

      assertThat(names("deep/er/{.,}*")).hasSize(leavesUnfinishedFiles() ? 2 : 0);
      assertThat(killed.removeOrphans(root(), Instant.now()))
          .isEqualTo(leavesUnfinishedFiles() ? 1 : 0);
      assertThat(killed.removeOrphans(root(), Instant.now())).isZero();
      kept.commit();
    }
    assertThat(killed.removeOrphans(root().resolve("none"), Instant.now())).isZero();
    assertThat(names("{.,}**")).isEmpty();
    assertThat(names("**/{.,}*")).containsExactly("deep/done.onnx", "deep/er/kept.onnx");
  }

  @Test
  void an_existing_file_stays_whole_until_its_successor_is_committed() throws IOException {
    put("model.onnx", "old");
    try (PendingFile pending = store().create(root().resolve("model.onnx"))) {
      pending.stream().write("new and longer".getBytes(UTF_8));
      assertThat(read("model.onnx")).isEqualTo("old");
      pending.commit();
    }
    assertThat(read("model.onnx")).isEqualTo("new and longer");
  }

  @Test
  void an_abandoned_successor_leaves_the_existing_file() throws IOException {
    put("model.onnx", "old");
    try (PendingFile pending = store().create(root().resolve("model.onnx"))) {
      pending.stream().write("half".getBytes(UTF_8));
    }
    assertThat(read("model.onnx")).isEqualTo("old");
  }

  @Test
  void a_file_that_must_be_new_is_refused_where_there_is_one() throws IOException {
    try (PendingFile first = store().create(root().resolve("once"), Store.Existing.REFUSE);
        PendingFile second = store().create(root().resolve("once"), Store.Existing.REFUSE)) {
      first.stream().write("first".getBytes(UTF_8));
      second.stream().write("second".getBytes(UTF_8));
      first.commit();
      assertThatThrownBy(second::commit)
          .isInstanceOf(java.nio.file.FileAlreadyExistsException.class)
          .hasMessageContaining("once");
    }
    assertThat(read("once")).isEqualTo("first");
    assertThat(names("{.,}*")).containsExactly("once");
  }

  @Test
  void the_version_that_was_seen_is_read_and_no_other() throws IOException {
    put("model.onnx", "old");
    StoredFile old = store().status(root().resolve("model.onnx")).orElseThrow();
    try (InputStream in = store().open(old, 1)) {
      assertThat(in.readAllBytes()).asString(UTF_8).isEqualTo("ld");
    }
    put("model.onnx", "new one");
    assertThatThrownBy(() -> store().open(old, 1).close())
        .isInstanceOf(ReplacedFileException.class)
        .hasMessageContaining("model.onnx");
  }

  @Test
  void a_reader_never_sees_a_partial_file_while_it_is_replaced() throws Exception {
    byte[] zeros = new byte[300_000];
    byte[] ones = new byte[200_000];
    java.util.Arrays.fill(ones, (byte) 1);
    Location target = root().resolve("model.onnx");
    store().publish(zeros, target);
    AtomicBoolean writing = new AtomicBoolean(true);
    AtomicInteger reads = new AtomicInteger();
    var failure = new java.util.concurrent.atomic.AtomicReference<Throwable>();
    Thread reader =
        new Thread(
            () -> {
              try {
                while (writing.get() || reads.get() == 0) {
                  byte[] seen;
                  try (InputStream in = store().open(target)) {
                    seen = in.readAllBytes();
                  } catch (IOException e) {
                    assertThat(tellsOfReplacement(e)).as(e.toString()).isTrue();
                    continue;
                  }
                  assertThat(seen).isIn(zeros, ones);
                  reads.incrementAndGet();
                }
              } catch (Throwable e) {
                failure.set(e);
              }
            });
    reader.start();
    for (int i = 0; i < 20; i++) {
      store().publish(i % 2 == 0 ? ones : zeros, target);
    }
    writing.set(false);
    reader.join();
    assertThat(failure.get()).isNull();
  }

  @Test
  void whoever_lists_and_opens_all_the_time_never_sees_a_partial_file_though_writers_fail()
      throws Exception {
    AtomicBoolean writing = new AtomicBoolean(true);
    AtomicInteger seen = new AtomicInteger();
    var failure = new java.util.concurrent.atomic.AtomicReference<Throwable>();
    Thread reader =
        new Thread(
            () -> {
              try {
                boolean last;
                do {
                  last = !writing.get();
                  for (StoredFile file : store().list(root().resolve("**"))) {
                    if (!Glob.of(root().resolve("**/.*")).matches(file.location())) {
                      readWhole(file, seen);
                    }
                  }
                } while (!last);
              } catch (Throwable e) {
                failure.set(e);
              }
            });
    reader.start();
    try {
      for (int i = 0; i < 30; i++) {
        byte[] content = new byte[4 + 20_000 * (1 + i % 5)];
        java.nio.ByteBuffer.wrap(content).putInt(content.length);
        Location target = root().resolve("zoo/" + i % 7);
        try (PendingFile pending = store().create(target)) {
          pending.stream().write(content, 0, content.length / 2);
          if (i % 3 == 1) {
            continue; // the writer gives up
          }
          pending.stream().write(content, content.length / 2, content.length - content.length / 2);
          pending.commit();
        }
      }
    } finally {
      writing.set(false);
      reader.join();
    }
    assertThat(failure.get()).isNull();
    assertThat(seen).hasPositiveValue();
    assertThat(names("zoo/{.,}*"))
        .containsExactly("zoo/0", "zoo/1", "zoo/2", "zoo/3", "zoo/4", "zoo/5", "zoo/6");
  }

  /** Its first four bytes say how long it is. */
  private void readWhole(StoredFile file, AtomicInteger seen) throws IOException {
    byte[] content;
    try (InputStream in = store().open(file.location())) {
      content = in.readAllBytes();
    } catch (IOException e) {
      assertThat(tellsOfReplacement(e)).as(e.toString()).isTrue();
      return;
    }
    assertThat(java.nio.ByteBuffer.wrap(content).getInt()).isEqualTo(content.length);
    seen.incrementAndGet();
  }

  @Test
  void a_local_file_is_published_and_stays() throws IOException {
    Path file = Files.write(scratch.resolve("file"), new byte[1_000_003]);
    StoredFile published = store().publish(file, root().resolve("deep/er/model.onnx"));
    assertThat(published.bytes()).isEqualTo(1_000_003);
    try (InputStream in = store().open(published.location())) {
      assertThat(in.readAllBytes()).hasSize(1_000_003);
    }
    assertThat(file).hasSize(1_000_003);
  }

  @Test
  void a_finished_local_file_is_taken() throws IOException {
    put("model.onnx", "old");
    Path finished = Files.writeString(scratch.resolve("finished"), "new");
    StoredFile published = store().take(finished, root().resolve("model.onnx"));
    assertThat(published.bytes()).isEqualTo(3);
    assertThat(read("model.onnx")).isEqualTo("new");
  }

  @Test
  void the_version_that_was_seen_is_copied_and_no_other() throws IOException {
    byte[] content = new byte[700_001];
    new java.util.Random(3).nextBytes(content);
    StoredFile seen = store().publish(content, root().resolve("from/my model%20.onnx"));
    put("deep/er/copy.onnx", "an earlier one, which is replaced");

    StoredFile copy = store().copy(seen, root().resolve("deep/er/copy.onnx"));
    assertThat(copy.bytes()).isEqualTo(content.length);
    assertThat(store().status(copy.location())).contains(copy);
    try (InputStream in = store().open(copy, 0)) {
      assertThat(in.readAllBytes()).isEqualTo(content);
    }
    assertThat(store().status(seen.location())).as("the source stays").contains(seen);

    put("from/my model%20.onnx", "another");
    assertThatThrownBy(() -> store().copy(seen, root().resolve("deep/er/copy.onnx")))
        .isInstanceOf(ReplacedFileException.class)
        .hasMessageContaining("my model%20.onnx");
    store().remove(seen.location());
    assertThatThrownBy(() -> store().copy(seen, root().resolve("new/copy.onnx")))
        .isInstanceOf(FileNotFoundException.class);
    if (copiesNoOtherVersion()) {
      assertThat(store().status(copy.location())).as("what was there stays").contains(copy);
    }
    assertThat(names("**/{.,}*")).containsExactly("deep/er/copy.onnx");
  }

  @Test
  void what_is_copied_to_another_kind_of_store_comes_by_this_machine() throws IOException {
    put("model.onnx", "one two");
    StoredFile seen = store().status(root().resolve("model.onnx")).orElseThrow();
    Path local = scratch.resolve("elsewhere/model.onnx");
    assertThat(store().copy(seen, Location.of(local)).bytes()).isEqualTo(7);
    assertThat(local).hasContent("one two");
  }

  @Test
  void a_file_is_read_from_any_of_its_bytes() throws IOException {
    put("file", "0123456789");
    try (InputStream in = store().open(root().resolve("file"), 7)) {
      assertThat(in.readAllBytes()).asString(UTF_8).isEqualTo("789");
    }
  }

  @Test
  void a_range_has_its_bytes_and_no_others_and_is_of_the_version_that_was_seen()
      throws IOException {
    byte[] content = new byte[600_000];
    new java.util.Random(4).nextBytes(content);
    StoredFile seen = store().publish(content, root().resolve("my file%20"));
    for (int[] range : new int[][] {{0, 1}, {7, 300_000}, {599_999, 1}, {0, 600_000}}) {
      assertThat(store().read(seen, range[0], range[1]))
          .isEqualTo(java.util.Arrays.copyOfRange(content, range[0], range[0] + range[1]));
    }
    put("my file%20", "another");
    assertThatThrownBy(() -> store().read(seen, 7, 10)).isInstanceOf(ReplacedFileException.class);
    store().remove(seen.location());
    assertThatThrownBy(() -> store().read(seen, 7, 10)).isInstanceOf(FileNotFoundException.class);
  }

  @Test
  void a_missing_file_has_no_status_and_cannot_be_opened() throws IOException {
    Location missing = root().resolve("no/such.onnx");
    assertThat(store().status(missing)).isEmpty();
    assertThatThrownBy(() -> store().open(missing).close())
        .isInstanceOf(FileNotFoundException.class)
        .hasMessageContaining("such.onnx");
  }

  @Test
  void a_folder_is_no_file() throws IOException {
    put("folder/file", "x");
    assertThat(store().status(root().resolve("folder"))).isEmpty();
    assertThatThrownBy(() -> store().open(root().resolve("folder")).close())
        .isInstanceOf(FileNotFoundException.class);
  }

  @Test
  void a_glob_lists_matching_files_in_order() throws IOException {
    put("b.onnx", "x");
    put("a.onnx", "x");
    put("a.pt", "x");
    put(".hidden.onnx", "x");
    put("deep/c.onnx", "x");
    put("deep/er/d.onnx", "x");

    assertThat(names("*.onnx")).containsExactly("a.onnx", "b.onnx");
    assertThat(names("a.{onnx,pt}")).containsExactly("a.onnx", "a.pt");
    assertThat(names("[!a].onnx")).containsExactly("b.onnx");
    assertThat(names("?.pt")).containsExactly("a.pt");
    assertThat(names("*/*.onnx")).containsExactly("deep/c.onnx");
    assertThat(names("**/*.onnx"))
        .containsExactly("a.onnx", "b.onnx", "deep/c.onnx", "deep/er/d.onnx");
    assertThat(names("deep/**")).containsExactly("deep/c.onnx", "deep/er/d.onnx");
    assertThat(names("none/*.onnx")).isEmpty();
  }

  @Test
  void all_files_below_a_folder_are_listed_as_their_status_says_if_there_are_not_too_many()
      throws IOException {
    put("zoo/b.onnx", "x");
    put("zoo/.hidden", "x");
    put("zoo/deep/er/d [1].onnx", "twelve bytes");
    put("zoological", "x");
    List<StoredFile> files = store().filesBelow(root().resolve("zoo"), 3).orElseThrow();

    assertThat(files)
        .extracting(file -> file.location().path().substring(root().path().length()))
        .containsExactlyInAnyOrder("/zoo/b.onnx", "/zoo/.hidden", "/zoo/deep/er/d [1].onnx");
    for (StoredFile file : files) {
      StoredFile status = store().status(file.location()).orElseThrow();
      assertThat(file.bytes()).isEqualTo(status.bytes());
      assertThat(file.etag()).isEqualTo(status.etag());
      // Where there are etags, times are for people: S3 says them in other ways in a listing.
      if (file.etag() == null) {
        assertThat(file.modified()).isCloseTo(status.modified(), within(1, ChronoUnit.MILLIS));
      }
    }
    assertThat(store().filesBelow(root().resolve("zoo"), 2)).isEmpty();
    assertThat(store().filesBelow(root().resolve("none"), 0)).contains(List.of());
  }

  @Test
  void names_with_spaces_and_percent_signs_mean_what_is_written() throws IOException {
    put("my model%20v1+é.onnx", "x");
    assertThat(names("*")).containsExactly("my model%20v1+é.onnx");
    assertThat(read("my model%20v1+é.onnx")).isEqualTo("x");
  }

  @Test
  void a_staged_file_has_its_digest_and_what_the_store_says_of_it() throws IOException {
    put("abc", "abc");
    try (Scratch folder = Scratch.in(scratch)) {
      Staged staged = new Staging(store()).fetch(root().resolve("abc"), folder);
      assertThat(staged.sha256())
          .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
      assertThat(staged.file()).hasContent("abc");
      assertThat(staged.source()).isEqualTo(store().status(root().resolve("abc")).orElseThrow());
    }
    assertThat(scratch).isEmptyDirectory();
  }

  @Test
  void staging_a_missing_file_says_so() throws IOException {
    try (Scratch folder = Scratch.in(scratch)) {
      assertThatThrownBy(() -> new Staging(store()).fetch(root().resolve("gone"), folder))
          .isInstanceOf(FileNotFoundException.class)
          .hasMessageContaining("gone: expected a file, found nothing");
    }
  }
}
