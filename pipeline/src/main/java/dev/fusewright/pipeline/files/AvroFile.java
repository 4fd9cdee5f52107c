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
package dev.fusewright.pipeline.files;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.fusewright.io.file.Problem;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.StoredFile;
import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.apache.avro.Schema;
import org.apache.avro.file.DataFileConstants;
import org.apache.avro.io.DatumReader;
import org.jspecify.annotations.Nullable;

/**
 * The records of an Avro container file, one at a time and with one block in memory. The file is
 * held against its own size: it ends where its last block does, and each block holds as many
 * records as it says and no byte more.
 *
 * @param <T> a record
 */
public final class AvroFile<T> implements Closeable {
  private static final int MARKER = DataFileConstants.SYNC_SIZE;
  private static final int LARGEST_HEADER = 1 << 20;
  private static final int MOST_METADATA = 1000;
  private static final int LARGEST_BLOCK = 256 << 20;

  /** Deflate makes of one byte at most 1,032. */
  private static final long MOST_INFLATED = 1100;

  /** Codec of a container file. */
  private enum Codec {
    NULL,
    DEFLATE
  }

  /** Content of a header. */
  private record Header(Codec codec, byte[] marker) {}

  private final String name;
  private final long size;
  private final InputStream in;
  private final DatumReader<T> records;
  private final Map<String, byte[]> metadata;
  private final Header header;
  private long offset;
  private long blockStart;
  private long inBlock;
  private BlockDecoder block = new BlockDecoder(new byte[0]);
  private long number;

  private AvroFile(String name, long size, InputStream in, Function<Schema, DatumReader<T>> reader)
      throws IOException {
    this.name = name;
    this.size = size;
    this.in = in;
    this.metadata = readMetadata();
    this.header = new Header(codec(metadata), exactly(MARKER, "the marker that ends the header"));
    this.records = records(metadata, reader);
  }

  /**
   * Opens a file.
   *
   * @param reader of records, by the schema that they were written with
   * @throws FileNotFoundException if there is none
   * @throws DamagedFileException if it is no Avro container file
   * @throws IOException if the store fails
   */
  public static <T> AvroFile<T> open(
      Store store, Location location, Function<Schema, DatumReader<T>> reader) throws IOException {
    return open(
        store,
        store
            .status(location)
            .orElseThrow(() -> new FileNotFoundException(location + " does not exist")),
        reader);
  }

  /**
   * Opens a file of which the store has said something.
   *
   * @param file if it is another one by then, it may be taken for a damaged one
   * @param reader of records, by the schema that they were written with
   * @throws FileNotFoundException if there is none
   * @throws DamagedFileException if it is no Avro container file
   * @throws IOException if the store fails
   */
  public static <T> AvroFile<T> open(
      Store store, StoredFile file, Function<Schema, DatumReader<T>> reader) throws IOException {
    InputStream in = new BufferedInputStream(store.open(file.location()), 1 << 16);
    try {
      return new AvroFile<>(file.location().toString(), file.bytes(), in, reader);
    } catch (IOException | RuntimeException e) {
      in.close();
      throw e;
    }
  }

  /** What the header says under a key. */
  public Optional<byte[]> metadata(String key) {
    return Optional.ofNullable(metadata.get(key)).map(byte[]::clone);
  }

  /** From 1: the record that {@link #next} gave last. */
  public long number() {
    return number;
  }

  /**
   * The next record; null at the end of the file.
   *
   * @throws DamagedFileException if there is none, and the file does not end there either
   * @throws IOException if the store fails
   */
  public @Nullable T next() throws IOException {
    while (inBlock == 0) {
      requireBlockRead();
      if (offset == size) {
        return null;
      }
      readBlock();
    }
    number++;
    inBlock--;
    try {
      return records.read(null, block);
    } catch (IOException | RuntimeException | StackOverflowError e) {
      // The block is in memory: no store fails here.
      throw new DamagedFileException(
          Problem.in(name)
              .at(blockStart)
              .inside("record " + number)
              .expected("a record of the file's schema")
              .found(
                  e instanceof EOFException
                      ? "the end of its block"
                      : "what cannot be read as one: " + reason(e)),
          e);
    }
  }

  private void requireBlockRead() throws DamagedFileException {
    if (block.left() > 0) {
      throw new DamagedFileException(
          Problem.in(name)
              .at(blockStart)
              .expected("the end of a block after its last record, " + number)
              .found(block.left() + " more bytes"));
    }
  }

  private void readBlock() throws IOException {
    blockStart = offset;
    long count = number("a number of records");
    long bytes = number("the length of a block");
    if (count < 0) {
      throw damaged(blockStart, "a number of records", Long.toString(count));
    }
    if (bytes < 0 || bytes > size - offset - MARKER) {
      throw damaged(
          blockStart,
          "a block within the %d bytes that are left".formatted(Math.max(0, size - offset)),
          "one of %d bytes; it is cut short, or was changed".formatted(bytes));
    }
    if (bytes > LARGEST_BLOCK) {
      throw damaged(blockStart, "a block of at most %d bytes".formatted(LARGEST_BLOCK), bytes + "");
    }
    byte[] stored = exactly((int) bytes, "a block of %d bytes".formatted(bytes));
    byte[] content =
        switch (header.codec) {
          case NULL -> stored;
          case DEFLATE -> inflated(stored);
        };
    if (count > content.length) {
      throw damaged(
          blockStart,
          "as many records as a block of %d bytes can hold".formatted(content.length),
          Long.toString(count));
    }
    long end = offset;
    if (!Arrays.equals(exactly(MARKER, "the marker that ends a block"), header.marker)) {
      throw damaged(end, "the marker that ends a block", "other bytes");
    }
    block = new BlockDecoder(content);
    inBlock = count;
  }

  private byte[] inflated(byte[] stored) throws DamagedFileException {
    int most = (int) Math.min(LARGEST_BLOCK, MOST_INFLATED * stored.length);
    byte[] content = new byte[Math.min(most, Math.max(64, 4 * stored.length))];
    int length = 0;
    Inflater inflater = new Inflater(/* nowrap= */ true);
    try {
      inflater.setInput(stored);
      while (!inflater.finished()) {
        if (length == content.length) {
          if (length >= most) {
            throw damaged(blockStart, "at most %d bytes in a block".formatted(most), "more");
          }
          content = Arrays.copyOf(content, (int) Math.min(most, 2L * length));
        }
        int n = inflater.inflate(content, length, content.length - length);
        if (n == 0 && (inflater.needsInput() || inflater.needsDictionary())) {
          throw damaged(blockStart, "a deflated block", "one that is cut short");
        }
        length += n;
      }
      if (inflater.getRemaining() > 0) {
        throw damaged(
            blockStart, "the end of a deflated block", inflater.getRemaining() + " more bytes");
      }
    } catch (DataFormatException e) {
      throw new DamagedFileException(
          Problem.in(name)
              .at(blockStart)
              .expected("a deflated block")
              .found(String.valueOf(e.getMessage())),
          e);
    } finally {
      inflater.end();
    }
    return Arrays.copyOf(content, length);
  }

  private Map<String, byte[]> readMetadata() throws IOException {
    byte[] magic = exactly(DataFileConstants.MAGIC.length, "an Avro container file");
    if (!Arrays.equals(magic, DataFileConstants.MAGIC)) {
      throw damaged(0, "an Avro container file", "a file of another kind");
    }
    Map<String, byte[]> metadata = new HashMap<>();
    for (long left = entries(); left > 0; left = entries()) {
      for (long i = 0; i < left; i++) {
        String key = new String(text("a key of the header"), StandardCharsets.UTF_8);
        metadata.put(key, text("a value of the header"));
      }
    }
    return metadata;
  }

  private long entries() throws IOException {
    long at = offset;
    long entries = number("a number of entries of the header");
    if (entries < 0) {
      number("their length");
    }
    if (entries < -MOST_METADATA || entries > MOST_METADATA) {
      throw damaged(at, "a header of at most %d entries".formatted(MOST_METADATA), entries + "");
    }
    return Math.abs(entries);
  }

  private byte[] text(String what) throws IOException {
    long at = offset;
    long length = number("the length of " + what);
    if (length < 0 || length > size - offset || offset + length > LARGEST_HEADER) {
      throw damaged(
          at,
          "a header of at most %d bytes, within the file".formatted(LARGEST_HEADER),
          "%s of %d bytes".formatted(what, length));
    }
    return exactly((int) length, what);
  }

  private Codec codec(Map<String, byte[]> metadata) throws DamagedFileException {
    byte[] given = metadata.get(DataFileConstants.CODEC);
    String codec = given == null ? "null" : new String(given, StandardCharsets.UTF_8);
    return switch (codec) {
      case "null" -> Codec.NULL;
      case "deflate" -> Codec.DEFLATE;
      default -> throw damaged(0, "the codec null or deflate", "the codec '" + codec + "'");
    };
  }

  private DatumReader<T> records(
      Map<String, byte[]> metadata, Function<Schema, DatumReader<T>> reader)
      throws DamagedFileException {
    byte[] schema = metadata.get(DataFileConstants.SCHEMA);
    if (schema == null) {
      throw damaged(0, "a header with a schema", "none");
    }
    try {
      return reader.apply(new Schema.Parser().parse(new String(schema, StandardCharsets.UTF_8)));
    } catch (RuntimeException | StackOverflowError e) {
      throw new DamagedFileException(
          Problem.in(name)
              .at(0)
              .inside("the header")
              .expected("a schema of records")
              .found("what cannot be read as one: " + reason(e)),
          e);
    }
  }

  /** What a parser says, without where its own text was. */
  private static String reason(Throwable thrown) {
    String message =
        thrown.getCause() instanceof JsonProcessingException json
            ? json.getOriginalMessage()
            : thrown.getMessage();
    return shortened(
        message == null
            ? thrown.getClass().getSimpleName()
            : message.lines().findFirst().orElse(""));
  }

  private static String shortened(String text) {
    return text.length() > 200 ? text.substring(0, 200) + "…" : text;
  }

  /** A zigzag varint. */
  private long number(String what) throws IOException {
    long at = offset;
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      int b = exactly(1, what)[0];
      value |= (long) (b & 0x7f) << shift;
      if (b >= 0) {
        return (value >>> 1) ^ -(value & 1);
      }
    }
    throw damaged(at, what, "a number of more than ten bytes");
  }

  private byte[] exactly(int length, String what) throws IOException {
    byte[] bytes = in.readNBytes((int) Math.min(length, size - offset));
    if (bytes.length < length) {
      throw damaged(offset + bytes.length, what, "the end of the file; it is cut short");
    }
    offset += length;
    return bytes;
  }

  private DamagedFileException damaged(long at, String expected, String found) {
    return new DamagedFileException(Problem.in(name).at(at).expected(expected).found(found));
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
