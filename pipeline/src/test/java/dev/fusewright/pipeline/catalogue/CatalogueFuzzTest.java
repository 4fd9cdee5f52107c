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
package dev.fusewright.pipeline.catalogue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Catalogues as lines of JSON. */
final class CatalogueFuzzTest extends FuzzedCatalogue {
  static Stream<byte[]> seeds() {
    return Stream.of(
            """
            {"id": "a", "uri": "a.onnx", "size": 7, "eps": 0.001, "fuse": [["c", "b"]]}
            {"id": "b", "uri": "s3a://zoo/b.onnx", "inputs": {"x": {"shape": [1, 3], "range": [0, 1], "files": ["x.npy"]}}}
            """,
            """
            {"id": "c/d", "uri": "c.onnx", "verify": "site", "output": "c.onnx", "format": "onnx", "rules": "torch"}
            """)
        .map(text -> text.getBytes(StandardCharsets.UTF_8));
  }

  @MethodSource("seeds")
  @FuzzTest
  void lines(byte[] bytes) throws Exception {
    feed(bytes);
  }

  @Override
  protected String fileName() {
    return "zoo.jsonl";
  }
}
