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
import dev.fusewright.io.format.Format;
import dev.fusewright.io.storage.Scratch;
import dev.fusewright.io.storage.Staged;
import dev.fusewright.io.storage.Staging;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.StoredFile;
import dev.fusewright.pipeline.settings.RequestException;
import org.jspecify.annotations.Nullable;

/**
 * The model that a request is about, held to what the request says of it.
 *
 * @param known what the store says of it; null if nobody has asked
 * @param report is told of what was fetched
 */
record RequestedSource(
    FuseRequest request, @Nullable StoredFile known, Store store, ReportBuilder report) {
  /**
   * Refuses a format that nobody knows.
   *
   * @throws RequestException naming those there are
   */
  void refuseUnknownFormat() throws RequestException {
    if (request.format() != null) {
      try {
        Formats.named(request.format());
      } catch (IllegalArgumentException e) {
        throw new RequestException(String.valueOf(e.getMessage()));
      }
    }
  }

  /**
   * Fetches it or mounts it, with its digest, which the report has from then on.
   *
   * @throws SourceChangedException if it is not the one that the request means
   */
  Staged fetch(Scratch scratch, Mounting mounting) throws Exception {
    Staged source =
        new Staging(store, request.settings().fetchTimeout(), mounting.model())
            .fetch(request.source(), known, scratch, mounting::admit);
    report.source(source);
    if (request.sha256() != null && !request.sha256().equals(source.sha256())) {
      throw new SourceChangedException(
          "%s: expected the sha256 %s, as its catalogue says, found %s"
              .formatted(request.source(), request.sha256(), source.sha256()));
    }
    return source;
  }

  /**
   * The format in which what was fetched is read: of a TorchScript archive, the one of its state
   * dict where that is asked for.
   *
   * @throws RequestException if it is not the one that the request says
   */
  Format format(Staged source) throws RequestException {
    Format format = Formats.of(source.file(), request.source().name());
    if (request.format() != null && !request.format().equals(format.id())) {
      throw new RequestException(
          "%s: expected the format %s, as its entry says, found %s"
              .formatted(request.source(), request.format(), format.id()));
    }
    return switch (request.settings().form()) {
      case MODULE -> format;
      case STATE_DICT -> Formats.states(format);
    };
  }
}
