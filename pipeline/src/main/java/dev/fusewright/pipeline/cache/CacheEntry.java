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
import dev.fusewright.pipeline.files.DamagedFileException;
import dev.fusewright.report.FileState;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.Receipt;
import dev.fusewright.report.ReceiptRecord;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A cache entry: a receipt, and the state of its file.
 *
 * @param file the receipt's own file, as it looked in the store
 */
public record CacheEntry(Receipt receipt, FileState file) {

  /**
   * The receipt that was copied into a report; empty if there was none.
   *
   * @param file that the report was read from
   * @throws DamagedFileException if it is no receipt
   */
  public static Optional<CacheEntry> of(FusionReport report, Location file)
      throws DamagedFileException {
    ReceiptRecord copy = report.getReceipt();
    if (copy == null) {
      return Optional.empty();
    }
    Receipt receipt =
        Receipt.newBuilder()
            .setReceiptVersion(ActionCache.RECEIPT_VERSION)
            .setTarget(copy.getTarget())
            .setRead(copy.getRead())
            .setSource(copy.getSource())
            .setCompanions(copy.getCompanions())
            .setOutputs(copy.getOutputs())
            .setReport(report)
            .build();
    requireLocations(receipt, file);
    return Optional.of(new CacheEntry(receipt, copy.getFile()));
  }

  /**
   * Checks that whatever a receipt says is somewhere could be there.
   *
   * @param file that it was read from
   */
  static void requireLocations(Receipt receipt, Location file) throws DamagedFileException {
    Stream.Builder<String> uris = Stream.builder();
    uris.add(receipt.getTarget()).add(receipt.getSource().getUri());
    receipt.getCompanions().forEach(companion -> uris.add(companion.getUri()));
    receipt.getOutputs().forEach(output -> uris.add(output.getUri()));
    try {
      uris.build().forEach(Location::of);
    } catch (IllegalArgumentException e) {
      throw new DamagedFileException(
          Problem.in(file.toString()).expected("locations").found(String.valueOf(e.getMessage())),
          e);
    }
  }

  /** A copy of it, to be kept in a report. */
  public ReceiptRecord record() {
    return ReceiptRecord.newBuilder()
        .setFile(file)
        .setTarget(receipt.getTarget())
        .setRead(receipt.getRead())
        .setSource(receipt.getSource())
        .setCompanions(receipt.getCompanions())
        .setOutputs(receipt.getOutputs())
        .build();
  }
}
