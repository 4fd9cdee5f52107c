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

import dev.fusewright.io.Formats;
import dev.fusewright.io.storage.FetchDeadline;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.Scratch;
import dev.fusewright.io.storage.Staged;
import dev.fusewright.io.storage.Staging;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.StoredFile;
import dev.fusewright.pipeline.report.FileStates;
import dev.fusewright.pipeline.report.FileStates.Likeness;
import dev.fusewright.report.FileState;
import dev.fusewright.report.Receipt;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Comparison of the files beside a model with those beside an earlier one of the same bytes, by
 * what is in them: data files of the same names, and a companion graph, which must have none.
 */
final class SameContent {
  private final FuseRequest request;
  private final Store store;
  private final Scratch scratch;

  SameContent(FuseRequest request, Store store, Scratch scratch) {
    this.request = request;
    this.store = store;
    this.scratch = scratch;
  }

  /**
   * The files beside a model, as they look now and with their digests; empty if they are not the
   * same as those that the earlier one was made with, or that cannot be told any more.
   */
  Optional<List<FileState>> companions(Staged model, Receipt earlier) throws IOException {
    List<FileState> left = new ArrayList<>(earlier.getCompanions());
    List<FileState> own = new ArrayList<>();
    Location earlierFolder = Location.of(earlier.getSource().getUri()).parent();
    for (String name : Formats.dataFiles(model.file())) {
      String uri = earlierFolder.resolve(name).toString();
      FileState then =
          left.stream().filter(file -> file.getUri().equals(uri)).findFirst().orElse(null);
      FileState now =
          then == null
              ? null
              : same(request.source().parent().resolve(name), then, earlier.getRead());
      if (now == null) {
        return Optional.empty();
      }
      left.remove(then);
      own.add(now);
    }
    if (request.settings().modules().graph() != null) {
      FileState now = left.size() == 1 ? sameGraph(left.remove(0), earlier.getRead()) : null;
      if (now == null) {
        return Optional.empty();
      }
      own.add(now);
    }
    return left.isEmpty() ? Optional.of(own) : Optional.empty();
  }

  /**
   * A file as it looks now, if it has the bytes that another had then; null otherwise. One of
   * another etag is not read for that: models with one header and other weights are many, and are
   * fetched anyway.
   */
  private @Nullable FileState same(Location location, FileState then, Instant read)
      throws IOException {
    StoredFile now = store.status(location).orElse(null);
    boolean mayBe =
        now != null
            && now.bytes() == then.getBytes()
            && (now.etag() == null || now.etag().equals(then.getEtag()));
    String expected = mayBe ? digestThen(then, read) : null;
    return now != null && expected != null && expected.equals(digest(now))
        ? FileStates.of(now, expected)
        : null;
  }

  private @Nullable FileState sameGraph(FileState then, Instant read) throws IOException {
    Location graph = request.settings().modules().graph();
    String expected = digestThen(then, read);
    if (graph == null || expected == null) {
      return null;
    }
    Staged own =
        new Staging(store, request.settings().fetchTimeout())
            .fetch(graph, scratch, "same/" + graph.name());
    return own.sha256().equals(expected) && Formats.dataFiles(own.file()).isEmpty()
        ? FileStates.of(own.source(), expected)
        : null;
  }

  /** The digest that a file had when it was read; null if it is not known and it has changed. */
  private @Nullable String digestThen(FileState then, Instant read) throws IOException {
    if (then.getSha256() != null) {
      return then.getSha256();
    }
    StoredFile now = store.status(Location.of(then.getUri())).orElse(null);
    return now != null && FileStates.likeness(then, now, read) == Likeness.SAME
        ? digest(now)
        : null;
  }

  /** The digest of the version of a file that was seen; null if it is another one by now. */
  private @Nullable String digest(StoredFile seen) throws IOException {
    String sha256 =
        FetchDeadline.run(
            request.settings().fetchTimeout(),
            seen.location().toString(),
            progress -> {
              try (InputStream in = store.open(seen, 0)) {
                return Staging.sha256(in, progress);
              }
            });
    return seen.equals(store.status(seen.location()).orElse(null)) ? sha256 : null;
  }
}
