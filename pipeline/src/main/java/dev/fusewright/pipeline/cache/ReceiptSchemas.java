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
package dev.fusewright.pipeline.cache;

import dev.fusewright.pipeline.files.AvroMessage;
import dev.fusewright.report.Receipt;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;

/**
 * The schemas that receipts were ever written with, by their fingerprints: the present one, and
 * those of earlier versions, which are kept as resources, {@code receipts/<fingerprint>.avsc}.
 */
final class ReceiptSchemas {
  /** The fingerprint of the present one. */
  static final long PRESENT = AvroMessage.fingerprint(Receipt.getClassSchema());
  private static final Map<Long, Optional<Schema>> EARLIER = new ConcurrentHashMap<>();

  private ReceiptSchemas() {}

  /** The schema with a fingerprint; empty if no version of this program wrote one. */
  static Optional<Schema> find(long fingerprint) {
    return fingerprint == PRESENT
        ? Optional.of(Receipt.getClassSchema())
        : EARLIER.computeIfAbsent(fingerprint, ReceiptSchemas::resource);
  }

  /** Where a schema is kept. */
  static String resourceName(long fingerprint) {
    return "receipts/" + HexFormat.of().toHexDigits(fingerprint) + ".avsc";
  }

  /** The schema as it is kept. */
  static Optional<Schema> resource(long fingerprint) {
    try (InputStream in = ReceiptSchemas.class.getResourceAsStream(resourceName(fingerprint))) {
      return in == null
          ? Optional.empty()
          : Optional.of(
              new Schema.Parser()
                  .parse(new String(in.readAllBytes(), StandardCharsets.UTF_8)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
