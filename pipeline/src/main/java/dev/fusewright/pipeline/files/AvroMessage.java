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

import dev.fusewright.io.file.Problem;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.zip.CRC32C;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;

/**
 * One record in Avro's single-object encoding, which names its schema by a fingerprint where a
 * container file holds it. A checksum follows, which readers of the encoding do not look at.
 *
 * <table>
 * <caption>Layout</caption>
 * <tr><th>bytes</th><th>what</th></tr>
 * <tr><td>2</td><td>{@code c3 01}</td></tr>
 * <tr><td>8</td><td>the CRC-64-AVRO fingerprint of the schema that it was written with,
 * little-endian</td></tr>
 * <tr><td>n</td><td>the record</td></tr>
 * <tr><td>4</td><td>the CRC-32C of all bytes before, little-endian</td></tr>
 * </table>
 */
public final class AvroMessage {
  private static final byte[] MARKER = {(byte) 0xc3, 0x01};
  private static final int HEADER = MARKER.length + Long.BYTES;
  private static final int CHECKSUM = Integer.BYTES;

  private AvroMessage() {}

  /** The fingerprint of a schema: of what decides how its records are read, not of its comments. */
  public static long fingerprint(Schema schema) {
    return SchemaNormalization.parsingFingerprint64(schema);
  }

  /** Whether a file is taken for one, by its first bytes. */
  public static boolean isMessage(byte[] file) {
    return file.length >= MARKER.length
        && Arrays.equals(file, 0, MARKER.length, MARKER, 0, MARKER.length);
  }

  /**
   * A record as bytes.
   *
   * @param fingerprint of its schema
   */
  public static <T extends SpecificRecord> byte[] write(T record, long fingerprint)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(4096);
    bytes.write(MARKER);
    bytes.write(
        ByteBuffer.allocate(Long.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(fingerprint)
            .array());
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
    new SpecificDatumWriter<T>(record.getSchema()).write(record, encoder);
    encoder.flush();
    bytes.write(checksum(bytes.toByteArray(), bytes.size()));
    return bytes.toByteArray();
  }

  private static byte[] checksum(byte[] bytes, int length) {
    CRC32C checksum = new CRC32C();
    checksum.update(bytes, 0, length);
    return ByteBuffer.allocate(CHECKSUM)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt((int) checksum.getValue())
        .array();
  }

  /**
   * The record of a file.
   *
   * @param name of the file, for messages
   * @param schemas those that a record may have been written with, by fingerprint
   * @param reader of records, by the schema that they were written with
   * @throws DamagedFileException if the file is no such record, or not the whole one, or of a
   * schema
   *     that is not known
   */
  public static <T> T read(
      String name,
      byte[] file,
      LongFunction<Optional<Schema>> schemas,
      Function<Schema, DatumReader<T>> reader)
      throws DamagedFileException {
    if (!isMessage(file) || file.length < HEADER + CHECKSUM) {
      throw damaged(name, 0, "a record in single-object encoding", "other bytes");
    }
    int end = file.length - CHECKSUM;
    if (!Arrays.equals(file, end, file.length, checksum(file, end), 0, CHECKSUM)) {
      throw damaged(
          name, end, "the checksum of what stands before", "another; it is cut short, or was changed");
    }
    long fingerprint =
        ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong(MARKER.length);
    Schema written =
        schemas
            .apply(fingerprint)
            .orElseThrow(
                () ->
                    damaged(
                        name,
                        MARKER.length,
                        "the fingerprint of a known schema",
                        HexFormat.of().toHexDigits(fingerprint)));
    BlockDecoder content = new BlockDecoder(Arrays.copyOfRange(file, HEADER, end));
    T record;
    try {
      record = reader.apply(written).read(null, content);
    } catch (IOException | RuntimeException | StackOverflowError e) {
      // It is in memory: no store fails here.
      throw new DamagedFileException(
          Problem.in(name)
              .at(HEADER)
              .expected("a record of its schema")
              .found("what cannot be read as one: " + e),
          e);
    }
    if (content.left() > 0) {
      throw damaged(
          name, end - content.left(), "the end of the record", content.left() + " more bytes");
    }
    return record;
  }

  private static DamagedFileException damaged(
      String name, long at, String expected, String found) {
    return new DamagedFileException(Problem.in(name).at(at).expected(expected).found(found));
  }
}
