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

import dev.fusewright.report.FileState;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.Receipt;
import dev.fusewright.report.ReceiptRecord;
import java.util.Optional;

/**
 * A cache entry: a receipt, and the state of its file.
 *
 * @param file the receipt's own file, as it looked in the store
 */
public record CacheEntry(Receipt receipt, FileState file) {

  /** The receipt that was copied into a report; empty if there was none. */
  public static Optional<CacheEntry> of(FusionReport report) {
    ReceiptRecord copy = report.getReceipt();
    return copy == null
        ? Optional.empty()
        : Optional.of(
            new CacheEntry(
                Receipt.newBuilder()
                    .setReceiptVersion(ActionCache.RECEIPT_VERSION)
                    .setTarget(copy.getTarget())
                    .setRead(copy.getRead())
                    .setSource(copy.getSource())
                    .setCompanions(copy.getCompanions())
                    .setOutputs(copy.getOutputs())
                    .setReport(report)
                    .build(),
                copy.getFile()));
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
