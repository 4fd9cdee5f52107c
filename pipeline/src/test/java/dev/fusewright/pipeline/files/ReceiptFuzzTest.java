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

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.testing.FuzzedParser;
import dev.fusewright.pipeline.cache.ActionCache;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Batches of receipts, in Avro: a damaged receipt is none, and no error. */
final class ReceiptFuzzTest extends FuzzedParser {
  private static final String FILE = "receipts/new/batch.avro";

  static Stream<byte[]> seeds() throws IOException {
    return Stream.of(RecordSeeds.receipts());
  }

  @MethodSource("seeds")
  @FuzzTest
  void receipts(byte[] bytes) throws Exception {
    feed(bytes);
  }

  @Override
  protected String fileName() {
    return FILE;
  }

  @Override
  protected void read(Path file) throws IOException {
    ActionCache.below(RecordSeeds.STORE, Location.of(folder)).find("mlp_bn.onnx");
  }

  @Override
  protected boolean isRefusal(Exception error, Path file) {
    return false;
  }
}
