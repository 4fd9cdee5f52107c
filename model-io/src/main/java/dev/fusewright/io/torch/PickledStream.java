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

import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.io.file.FileRegion;
import dev.fusewright.io.file.OpenFile;
import dev.fusewright.io.format.ElementCensus;
import dev.fusewright.io.format.RewrittenTensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A legacy stream around a pickle: what stands before it as it is, new storages behind the others,
 * and their keys in the list of keys.
 */
final class PickledStream implements PickledFile {
  private static final int CHUNK = 1 << 16;

  private final OpenFile file;
  private final long rootAt;
  private final PickleLayout layout;
  private final Map<String, TorchStorage> storages;
  private final UseCounts uses;

  /**
   * A stream.
   *
   * @param rootAt position of the pickle of the value
   * @param storages by key, in the order of the file
   */
  PickledStream(
      OpenFile file,
      long rootAt,
      PickleLayout layout,
      Map<String, TorchStorage> storages,
      UseCounts uses) {
    this.file = file;
    this.rootAt = rootAt;
    this.layout = layout;
    this.storages = new LinkedHashMap<>(storages);
    this.uses = uses;
  }

  @Override
  public PickleLayout layout() {
    return layout;
  }

  @Override
  public Set<String> keys() {
    return Collections.unmodifiableSet(storages.keySet());
  }

  @Override
  public boolean isOwned(TorchStorage storage) {
    return uses.of(storage) == 1 && storages.get(storage.key()) == storage;
  }

  @Override
  public IdForm idForm() {
    return IdForm.WITH_VIEW;
  }

  @Override
  public Written write(FileChannel channel, byte[] tail, StorageEdits edits) throws IOException {
    new FileRegion(file, 0, rootAt).transferTo(channel);
    FileRegion pickle = new FileRegion(file, rootAt, layout.stop() + 1 - rootAt);
    EditedPickle edited = new EditedPickle(pickle, rootAt, layout, tail);
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
    for (long done = 0; done < edited.size(); done += chunk.limit()) {
      chunk.clear().limit((int) Math.min(CHUNK, edited.size() - done));
      edited.read(done, chunk);
      put(channel, chunk.flip());
    }
    List<String> keys = new ArrayList<>(storages.keySet());
    keys.addAll(edits.added().keySet());
    put(channel, ByteBuffer.wrap(pickled(keys)));
    List<RewrittenTensor> rewritten = new ArrayList<>();
    long copied = 0;
    for (Map.Entry<String, TorchStorage> entry : storages.entrySet()) {
      ComputedTensor computed = edits.overwriting(entry.getKey());
      if (computed == null) {
        put(channel, count(entry.getValue().elements()));
        entry.getValue().region().transferTo(channel);
        copied += entry.getValue().region().length();
      } else {
        rewritten.add(write(channel, chunk, computed));
      }
    }
    for (ComputedTensor computed : edits.added().values()) {
      rewritten.add(write(channel, chunk, computed));
    }
    return new Written(copied, rewritten);
  }

  private static byte[] pickled(List<String> keys) {
    ByteArrayOutputStream pickle = new ByteArrayOutputStream();
    pickle.write(0x80);
    pickle.write(TorchFormat.PICKLE_PROTOCOL);
    pickle.write(']');
    pickle.write('(');
    for (String key : keys) {
      byte[] text = key.getBytes(StandardCharsets.UTF_8);
      pickle.write('X');
      pickle.writeBytes(
          ByteBuffer.allocate(Integer.BYTES)
              .order(ByteOrder.LITTLE_ENDIAN)
              .putInt(text.length)
              .array());
      pickle.writeBytes(text);
    }
    pickle.write('e');
    pickle.write('.');
    return pickle.toByteArray();
  }

  private static RewrittenTensor write(
      FileChannel channel, ByteBuffer chunk, ComputedTensor computed) throws IOException {
    Tensor tensor = computed.tensor();
    ElementCensus census = new ElementCensus(tensor.type());
    put(channel, count(tensor.shape().elementCount()));
    for (long done = 0; done < tensor.byteCount(); done += chunk.limit()) {
      chunk.clear().limit((int) Math.min(CHUNK, tensor.byteCount() - done));
      tensor.read(done, chunk);
      census.add(chunk.flip());
      put(channel, chunk.rewind());
    }
    return computed.rewritten(census);
  }

  private static ByteBuffer count(long elements) {
    return ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(elements).flip();
  }

  private static void put(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }
}
