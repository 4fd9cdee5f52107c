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

import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.io.onnx.proto.TensorProto.DataType;

/** ONNX's numbers of element types. */
final class DataTypes {
  private DataTypes() {}

  /**
   * The type with this number; one that is newer than this reader is kept as undefined, and never
   * folded.
   */
  static ElementType type(int number) {
    DataType type = DataType.forNumber(number);
    if (type != null) {
      for (ElementType known : ElementType.values()) {
        if (known.name().equals(type.name())) {
          return known;
        }
      }
    }
    return ElementType.UNDEFINED;
  }

  static int number(ElementType type) {
    return DataType.valueOf(type.name()).getNumber();
  }
}
