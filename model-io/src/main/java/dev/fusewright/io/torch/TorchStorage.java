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

import dev.fusewright.io.archive.RecordBytes;
import dev.fusewright.io.aten.TorchType;
import dev.fusewright.io.file.FileRegion;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The memory that tensors are views of.
 *
 * <p>Where the archive has a CRC-32 of the storage, it is checked before the first byte is handed
 * out, so that a damaged weight is never folded into a healthy looking one. A storage that is
 * copied whole keeps its checksum, so that damage stays detectable.
 */
final class TorchStorage {
  private final String key;
  private final TorchType type;
  private final String location;
  private final long elements;
  private @Nullable RecordBytes record;

  TorchStorage(String key, TorchType type, String location, long elements) {
    this.key = key;
    this.type = type;
    this.location = location;
    this.elements = elements;
  }

  /** The name of the storage in the file. */
  String key() {
    return key;
  }

  TorchType type() {
    return type;
  }

  /** The device it was on, such as {@code cpu} or {@code cuda:0}. */
  String location() {
    return location;
  }

  /** Elements of {@link #type()}; bytes, if that is untyped. */
  long elements() {
    return elements;
  }

  long byteCount() {
    return elements * type.bytes();
  }

  /** Whether the bytes have been found in the file. */
  boolean isBound() {
    return record != null;
  }

  /** Says where the bytes lie; {@code crc} is their CRC-32 or empty. */
  void bind(FileRegion bytes, OptionalLong crc) {
    record = new RecordBytes("storage '" + key + "'", bytes, crc);
  }

  /** The bytes, checked when they are read. */
  RecordBytes record() {
    if (record == null) {
      throw new IllegalStateException("storage " + key + " is not bound");
    }
    return record;
  }

  /** The CRC-32 of the bytes, if the file has one. */
  OptionalLong checksum() {
    return record().checksum();
  }

  /** Where the bytes lie, not checked. */
  FileRegion region() {
    return record().region();
  }
}
