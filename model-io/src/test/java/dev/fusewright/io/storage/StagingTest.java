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

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reading that breaks off. The store is a small one in memory that fails as it is told. */
final class StagingTest {
  private static final Location MODEL = Location.of("s3a://zoo/model.onnx");

  @TempDir Path root;

  /** One file, whose streams break after so many bytes each; none in the list: never. */
  private static final class BreakingStore implements Store {
    private final List<Integer> breaks = new ArrayList<>();
    private final List<Long> offsets = new ArrayList<>();
    private byte[] content = new byte[1000];
    private String etag = "one";
    private Runnable afterBreak = () -> {};
    private IOException failure = new IOException("connection reset");

    @Override
    public Optional<StoredFile> status(Location location) {
      return Optional.of(new StoredFile(location, content.length, Instant.EPOCH, etag));
    }

    @Override
    public List<StoredFile> list(Location glob) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Optional<List<StoredFile>> filesBelow(Location folder, int most) {
      throw new UnsupportedOperationException();
    }

    @Override
    public InputStream open(Location location, long offset) {
      offsets.add(offset);
      byte[] rest = Arrays.copyOfRange(content, (int) offset, content.length);
      if (breaks.isEmpty()) {
        return new ByteArrayInputStream(rest);
      }
      return new SequenceInputStream(
          new ByteArrayInputStream(rest, 0, breaks.remove(0)),
          new InputStream() {
            @Override
            public int read() throws IOException {
              afterBreak.run();
              throw failure;
            }

            @Override
            public int read(byte[] bytes, int offset, int length) throws IOException {
              return read();
            }
          });
    }

    @Override
    public PendingFile create(Location location, Existing existing) {
      throw new UnsupportedOperationException();
    }
  }

  private final BreakingStore store = new BreakingStore();

  private Staged fetch() throws IOException {
    try (Scratch scratch = Scratch.in(root)) {
      Staged staged = new Staging(store).fetch(MODEL, scratch);
      assertThat(staged.file()).hasBinaryContent(store.content);
      assertThat(staged.sha256()).isEqualTo(Staging.sha256(staged.file()));
      return staged;
    }
  }

  @Test
  void reading_that_breaks_off_goes_on_at_its_offset() throws IOException {
    store.breaks.addAll(List.of(100, 200));
    fetch();
    assertThat(store.offsets).containsExactly(0L, 100L, 300L);
  }

  @Test
  void reading_goes_on_as_long_as_there_is_progress() throws IOException {
    for (int i = 0; i < 10; i++) {
      store.breaks.add(1);
    }
    fetch();
    assertThat(store.offsets).hasSize(11);
  }

  @Test
  void reading_without_progress_ends_with_what_was_wrong() {
    store.breaks.addAll(List.of(0, 0, 0, 0, 0, 0, 0, 0));
    assertThatThrownBy(this::fetch).isSameAs(store.failure);
    assertThat(store.offsets).hasSize(4);
  }

  @Test
  void a_permanent_error_is_not_tried_again() {
    store.breaks.add(10);
    store.failure = new java.nio.file.AccessDeniedException("model.onnx");
    assertThatThrownBy(this::fetch).isSameAs(store.failure);
    assertThat(store.offsets).hasSize(1);
  }

  @Test
  void a_file_that_was_replaced_meanwhile_is_read_anew_and_not_as_a_mixture() throws IOException {
    store.breaks.add(500);
    store.afterBreak =
        () -> {
          store.content = new byte[1000];
          Arrays.fill(store.content, (byte) 7);
          store.etag = "two";
        };
    assertThat(fetch().source().etag()).isEqualTo("two");
    assertThat(store.offsets).containsExactly(0L, 0L);
  }
}
