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
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that says how large a model is, sends a part of it, and then nothing. */
final class FetchDeadlineTest {
  private static final Location MODEL = Location.of("s3a://zoo/model.onnx");
  private static final int BYTES = 1000;
  private static final Duration SOON = Duration.ofMillis(300);

  @TempDir Path folder;
  private ServerSocket server;

  /** Held: a socket that nobody refers to is closed when garbage is collected. */
  private final List<Socket> clients = new CopyOnWriteArrayList<>();

  @BeforeEach
  void start() throws IOException {
    server = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
    for (Socket client : clients) {
      client.close();
    }
  }

  /** Sends bytes on each connection, and keeps it open if more are due; says when it has. */
  private CountDownLatch sending(int bytes) {
    CountDownLatch sent = new CountDownLatch(1);
    Thread thread =
        new Thread(
            () -> {
              try {
                while (true) {
                  Socket client = server.accept();
                  clients.add(client);
                  client.getOutputStream().write(new byte[bytes]);
                  sent.countDown();
                  if (bytes == BYTES) {
                    client.close();
                  }
                }
              } catch (IOException e) {
                // Closed.
              }
            });
    thread.setDaemon(true);
    thread.start();
    return sent;
  }

  /** A store of which nothing is asked but what its subclass knows. */
  private abstract static class Unasked implements Store {
    @Override
    public Optional<StoredFile> status(Location location) {
      throw new UnsupportedOperationException();
    }

    @Override
    public InputStream open(Location location, long offset) throws IOException {
      throw new UnsupportedOperationException();
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
    public PendingFile create(Location location, Existing existing) {
      throw new UnsupportedOperationException();
    }
  }

  /** A store whose one file comes from the server. */
  private final class Remote extends Unasked {
    @Override
    public Optional<StoredFile> status(Location location) {
      return Optional.of(new StoredFile(location, BYTES, Instant.EPOCH, "one"));
    }

    @Override
    public InputStream open(Location location, long offset) throws IOException {
      return new Socket(server.getInetAddress(), server.getLocalPort()).getInputStream();
    }
  }

  private Staged fetch(Duration deadline) throws IOException {
    try (Scratch scratch = Scratch.in(folder)) {
      return new Staging(new Remote(), deadline).fetch(MODEL, scratch);
    }
  }

  @Test
  void a_source_that_stalls_half_way_fails_and_says_so() throws Exception {
    CountDownLatch sent = sending(BYTES / 2);
    assertThatThrownBy(() -> fetch(SOON))
        .isInstanceOf(StalledSourceException.class)
        .hasMessageContaining("s3a://zoo/model.onnx")
        .hasMessageContaining("--fetch-timeout");
    assertThat(sent.await(30, TimeUnit.SECONDS)).as("it was really read from").isTrue();
    assertThat(StorageErrors.isTransient(new StalledSourceException("a", SOON))).isTrue();
  }

  @Test
  void a_source_that_gives_everything_is_fetched() throws Exception {
    sending(BYTES);
    assertThat(fetch(Duration.ofSeconds(50)).source().bytes()).isEqualTo(BYTES);
  }

  /** A store that answers nothing, in whatever way it is asked. */
  private static final class Silent implements Store {
    @Override
    public Optional<StoredFile> status(Location location) throws IOException {
      forEver();
      return Optional.empty();
    }

    @Override
    public List<StoredFile> list(Location glob) throws IOException {
      forEver();
      return List.of();
    }

    @Override
    public Optional<List<StoredFile>> filesBelow(Location folder, int most) throws IOException {
      forEver();
      return Optional.empty();
    }

    @Override
    public InputStream open(Location location, long offset) throws IOException {
      forEver();
      return InputStream.nullInputStream();
    }

    @Override
    public PendingFile create(Location location, Existing existing) {
      throw new UnsupportedOperationException();
    }
  }

  @Test
  void a_store_within_a_deadline_fails_whatever_it_was_asked() {
    Store store = Stores.within(SOON, new Silent());
    assertThatThrownBy(() -> store.status(MODEL)).isInstanceOf(StalledSourceException.class);
    assertThatThrownBy(() -> store.list(MODEL)).isInstanceOf(StalledSourceException.class);
    assertThatThrownBy(() -> store.filesBelow(MODEL, 1)).isInstanceOf(StalledSourceException.class);
    assertThatThrownBy(() -> store.open(MODEL)).isInstanceOf(StalledSourceException.class);
  }

  /** A million files are never a list on the heap. */
  @Test
  void a_listing_within_a_deadline_is_handed_on_file_by_file() throws IOException {
    Path zoo = Files.createDirectories(folder.resolve("zoo"));
    for (String name : List.of("a.onnx", "b.onnx", "c.onnx")) {
      Files.writeString(zoo.resolve(name), name);
    }
    Store store = Stores.within(Duration.ofSeconds(50), new OnlyOneByOne());
    List<String> seen = new ArrayList<>();

    assertThat(store.forEachBelow(Location.of(zoo), 3, file -> seen.add(file.location().name())))
        .isTrue();

    assertThat(seen).containsExactlyInAnyOrder("a.onnx", "b.onnx", "c.onnx");
    assertThatThrownBy(
            () ->
                Stores.within(SOON, new Silent()).forEachBelow(MODEL, 1, file -> seen.add("none")))
        .isInstanceOf(StalledSourceException.class);
  }

  /** The local store, which gives no lists. */
  private static final class OnlyOneByOne extends Unasked {
    private final Store disk = Stores.of(StorageConfiguration.defaults());

    @Override
    public boolean forEachBelow(Location below, int most, Consumer<StoredFile> file)
        throws IOException {
      return disk.forEachBelow(below, most, file);
    }
  }

  @Test
  void a_stream_within_a_deadline_gives_what_there_is_and_then_fails() throws Exception {
    sending(BYTES / 2);
    try (InputStream in = Stores.within(SOON, new Remote()).open(MODEL)) {
      assertThat(in.readNBytes(BYTES / 2)).hasSize(BYTES / 2);
      assertThatThrownBy(in::read)
          .isInstanceOf(StalledSourceException.class)
          .hasMessageContaining("s3a://zoo/model.onnx");
    }
  }

  @Test
  void a_whole_stream_within_a_deadline_is_the_stores_own() throws Exception {
    sending(BYTES);
    try (InputStream in = Stores.within(Duration.ofSeconds(50), new Remote()).open(MODEL)) {
      assertThat(in.read()).isZero();
      assertThat(in.readAllBytes()).hasSize(BYTES - 1);
      assertThat(in.read()).isEqualTo(-1);
    }
  }

  @Test
  void a_listing_that_goes_on_is_not_given_up_however_long_it_takes() throws Exception {
    int files = 20;
    int listed =
        FetchDeadline.run(
            SOON,
            "a listing",
            progress -> {
              int found = 0;
              while (found < files) {
                pause(SOON.dividedBy(5));
                FetchDeadline.note();
                found++;
              }
              return found;
            });
    assertThat(listed).isEqualTo(files);
  }

  private static void pause(Duration time) throws IOException {
    try {
      new CountDownLatch(1).await(time.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  @Test
  void one_thread_after_another_is_used_again() throws Exception {
    Set<Thread> threads = Collections.newSetFromMap(new IdentityHashMap<>());
    for (int i = 0; i < 20; i++) {
      FetchDeadline.run(
          Duration.ofSeconds(50), "quick", progress -> threads.add(Thread.currentThread()));
    }
    assertThat(threads).hasSizeLessThan(20);
  }

  @Test
  void what_a_fetch_throws_is_thrown() {
    assertThatThrownBy(
            () ->
                FetchDeadline.run(
                    SOON.plusSeconds(30),
                    "broken",
                    progress -> {
                      throw new IOException("connection reset");
                    }))
        .isInstanceOf(IOException.class)
        .hasMessage("connection reset");
  }

  private static int forEver() throws IOException {
    try {
      new CountDownLatch(1).await();
      return 0;
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  @Test
  void an_interrupted_fetch_ends_and_stays_interrupted() {
    Thread.currentThread().interrupt();
    try {
      assertThatThrownBy(
              () ->
                  FetchDeadline.run(
                      Duration.ofSeconds(50),
                      "endless",
                      progress -> {
                        return forEver();
                      }))
          .isInstanceOf(IOException.class);
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
  }
}
