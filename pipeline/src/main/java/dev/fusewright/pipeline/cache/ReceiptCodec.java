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

import dev.fusewright.io.file.Problem;
import dev.fusewright.io.storage.Location;
import dev.fusewright.pipeline.files.AvroMessage;
import dev.fusewright.pipeline.files.AvroRecords;
import dev.fusewright.pipeline.files.DamagedFileException;
import dev.fusewright.report.Receipt;
import java.io.IOException;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Receipts as bytes: an {@link AvroMessage} each, with a checksum of its own. */
final class ReceiptCodec {
  private ReceiptCodec() {}

  static byte[] write(Receipt receipt) throws IOException {
    return AvroMessage.write(receipt, ReceiptSchemas.PRESENT);
  }

  /**
   * The receipt of an entry or of a content; empty if it is another's, or of a later version.
   *
   * @param id of the entry, or of the content as {@link ReceiptBatch#contentId} has it
   * @param name of the file that the bytes are from
   * @throws DamagedFileException if they are no receipt
   */
  static Optional<Receipt> read(String name, String id, byte[] bytes) throws DamagedFileException {
    return counted(
        name,
        id,
        AvroMessage.read(name, bytes, ReceiptSchemas::find, AvroRecords.reader(Receipt.class)));
  }

  /** A receipt that was read, if it is the entry's and of a version that is known. */
  static Optional<Receipt> counted(String name, String id, @Nullable Receipt receipt)
      throws DamagedFileException {
    if (receipt == null) {
      return Optional.empty();
    }
    requireLocations(name, receipt);
    return receipt.getReceiptVersion() > ActionCache.RECEIPT_VERSION
            || !(receipt.getReport().getId().equals(id) || isOfContent(receipt, id))
        ? Optional.empty()
        : Optional.of(receipt);
  }

  private static boolean isOfContent(Receipt receipt, String id) {
    return receipt.getContent() != null && ReceiptBatch.contentId(receipt.getContent()).equals(id);
  }

  /** Checks that whatever a receipt says is somewhere could be there. */
  private static void requireLocations(String name, Receipt receipt) throws DamagedFileException {
    Stream.Builder<String> uris = Stream.builder();
    uris.add(receipt.getTarget()).add(receipt.getSource().getUri());
    receipt.getCompanions().forEach(companion -> uris.add(companion.getUri()));
    receipt.getOutputs().forEach(output -> uris.add(output.getUri()));
    try {
      uris.build().forEach(Location::of);
    } catch (IllegalArgumentException e) {
      throw new DamagedFileException(
          Problem.in(name).expected("locations").found(String.valueOf(e.getMessage())), e);
    }
  }
}
