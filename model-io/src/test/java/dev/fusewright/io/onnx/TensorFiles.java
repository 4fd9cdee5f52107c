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
package dev.fusewright.io.onnx;

import dev.fusewright.core.reference.NdArray;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.LiteralTensor;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.io.onnx.proto.TensorProto;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Samples of tensors, one serialised TensorProto with {@code raw_data} a file. */
final class TensorFiles {
  private TensorFiles() {}

  /** The elements; those of types without arithmetic cannot be had. */
  static NdArray read(Path file) {
    try {
      TensorProto proto = TensorProto.parseFrom(Files.readAllBytes(file));
      return NdArray.of(
          LiteralTensor.ofBytes(
              ElementType.ofNumber(proto.getDataType()).orElseThrow(),
              new Shape(proto.getDimsList()),
              proto.getRawData().toByteArray()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
