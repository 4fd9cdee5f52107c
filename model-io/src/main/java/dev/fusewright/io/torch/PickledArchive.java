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
package dev.fusewright.io.torch;

import dev.fusewright.io.archive.ZipDirectory;
import dev.fusewright.io.archive.ZipEntryInfo;
import dev.fusewright.io.archive.ZipOutput;
import dev.fusewright.io.archive.ZipScratch;
import dev.fusewright.io.file.FileRegion;
import dev.fusewright.io.format.ElementCensus;
import dev.fusewright.io.format.RewrittenTensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;

/**
 * A zip archive around a pickle: entries under their names, in their order, new ones behind. That
 * of a big-endian machine becomes little-endian.
 */
final class PickledArchive implements PickledFile {
  private static final String DATA = "data/";
  private static final String ORDER = "byteorder";
  private static final byte[] LITTLE = "little".getBytes(StandardCharsets.UTF_8);

  private final ZipDirectory directory;
  private final ZipScratch scratch;
  private final String folder;
  private final FileRegion pickle;
  private final String pickleName;
  private final PickleLayout layout;
  private final UseCounts uses;
  private final Map<String, FileRegion> swapped;

  /**
   * An archive whose pickle was read.
   *
   * @param swapped the storages of a big-endian archive, swapped, by the names of their entries
   */
  PickledArchive(
      ZipDirectory directory,
      ZipScratch scratch,
      String folder,
      String pickleName,
      FileRegion pickle,
      PickleLayout layout,
      UseCounts uses,
      Map<String, FileRegion> swapped) {
    this.directory = directory;
    this.scratch = scratch;
    this.folder = folder;
    this.pickleName = pickleName;
    this.pickle = pickle;
    this.layout = layout;
    this.uses = uses;
    this.swapped = swapped;
  }

  @Override
  public PickleLayout layout() {
    return layout;
  }

  @Override
  public Set<String> keys() {
    Set<String> keys = new TreeSet<>();
    for (ZipEntryInfo entry : directory.entries()) {
      if (entry.name().startsWith(folder + DATA)) {
        keys.add(key(entry));
      }
    }
    return keys;
  }

  private String key(ZipEntryInfo entry) {
    return entry.name().substring(folder.length() + DATA.length());
  }

  @Override
  public boolean isOwned(TorchStorage storage) {
    return uses.of(storage) == 1;
  }

  @Override
  public IdForm idForm() {
    return IdForm.PLAIN;
  }

  @Override
  public Written write(FileChannel channel, byte[] tail, StorageEdits edits) throws IOException {
    EditedPickle edited = new EditedPickle(pickle, 0, layout, tail);
    ZipOutput zip = new ZipOutput(channel);
    List<RewrittenTensor> rewritten = new ArrayList<>();
    long copied = 0;
    for (ZipEntryInfo entry : directory.entries()) {
      ComputedTensor computed =
          entry.name().startsWith(folder + DATA) ? edits.overwriting(key(entry)) : null;
      FileRegion little = swapped.get(entry.name());
      if (entry.name().equals(pickleName)) {
        zip.streamed(entry.name(), edited.size(), edited);
      } else if (computed != null) {
        rewritten.add(write(zip, entry.name(), computed));
      } else if (entry.name().equals(folder + ORDER)) {
        zip.streamed(entry.name(), LITTLE.length, PickledArchive::order);
      } else if (little != null) {
        zip.region(entry.name(), little, OptionalLong.empty());
        copied += entry.size();
      } else {
        zip.region(entry.name(), scratch.region(entry), entry.crc());
        copied += entry.size();
      }
    }
    for (Map.Entry<String, ComputedTensor> added : edits.added().entrySet()) {
      rewritten.add(write(zip, folder + DATA + added.getKey(), added.getValue()));
    }
    zip.finish();
    return new Written(copied, rewritten);
  }

  private static void order(long offset, ByteBuffer target) {
    target.put(LITTLE, (int) offset, Math.min(target.remaining(), LITTLE.length - (int) offset));
  }

  private static RewrittenTensor write(ZipOutput zip, String name, ComputedTensor computed)
      throws IOException {
    ElementCensus census = new ElementCensus(computed.tensor().type());
    zip.tensor(name, computed.tensor(), census);
    return computed.rewritten(census);
  }
}
