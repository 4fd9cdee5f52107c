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
package dev.fusewright.io.programs;

import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.TensorSource;
import dev.fusewright.io.archive.ArchiveFolder;
import dev.fusewright.io.archive.RecordBytes;
import dev.fusewright.io.archive.ZipEntryInfo;
import dev.fusewright.io.archive.ZipOutput;
import dev.fusewright.io.format.ElementCensus;
import dev.fusewright.io.format.RewrittenTensor;
import dev.fusewright.io.format.WriteSummary;
import dev.fusewright.io.json.JsonText;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The records of an archive that is written again: some copied, some made anew. */
public final class RewrittenRecords {
  private static final String PROVENANCE = "extra/fusewright.json";
  private static final String SCOPE = "program";

  private final ArchiveFolder original;
  private final Map<String, String> metadata;
  private final FileChannel channel;
  private final ZipOutput zip;
  private final List<RewrittenTensor> reports = new ArrayList<>();
  private long copied;

  RewrittenRecords(ArchiveFolder original, Map<String, String> metadata, FileChannel channel) {
    this.original = original;
    this.metadata = metadata;
    this.channel = channel;
    this.zip = new ZipOutput(channel);
  }

  /**
   * A record as it was, its checksum verified. What an earlier fusion said of itself is left out
   * where something else is said now.
   */
  public void copy(ZipEntryInfo entry) throws IOException {
    if (!metadata.isEmpty() && entry.name().equals(original.root() + PROVENANCE)) {
      return;
    }
    RecordBytes bytes = original.bytes(entry);
    bytes.verify();
    zip.region(entry.name(), bytes.region(), entry.crc());
    copied += bytes.region().length();
  }

  /** A record of other bytes. */
  public void bytes(String name, byte[] content) throws IOException {
    zip.bytes(name, content);
  }

  /** A record of bytes that come from somewhere as they are written. */
  public void streamed(String name, long size, TensorSource source) throws IOException {
    zip.streamed(name, size, source);
  }

  /**
   * A record of the elements of a tensor.
   *
   * @param parameter that it is the value of
   */
  public void tensor(String name, String parameter, Tensor tensor) throws IOException {
    ElementCensus census = new ElementCensus(tensor.type());
    zip.tensor(name, tensor, census);
    reports.add(RewrittenTensor.of(SCOPE, parameter, tensor, census));
  }

  /** Ends the archive, with what is said of it. */
  WriteSummary finish() throws IOException {
    if (!metadata.isEmpty()) {
      zip.bytes(original.root() + PROVENANCE, provenance());
    }
    zip.finish();
    return new WriteSummary(channel.position(), copied, reports, List.of(), List.of());
  }

  private byte[] provenance() {
    return new TreeMap<>(metadata)
        .entrySet().stream()
            .map(
                entry -> JsonText.quoted(entry.getKey()) + ": " + JsonText.quoted(entry.getValue()))
            .collect(Collectors.joining(", ", "{", "}"))
            .getBytes(StandardCharsets.UTF_8);
  }
}
