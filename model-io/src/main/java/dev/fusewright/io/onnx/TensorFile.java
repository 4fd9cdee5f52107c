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

import com.google.protobuf.InvalidProtocolBufferException;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.LiteralTensor;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.io.file.MalformedFileException;
import dev.fusewright.io.file.Problem;
import dev.fusewright.io.file.UnsupportedFormatException;
import dev.fusewright.io.onnx.proto.TensorProto;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** One serialised TensorProto, as in the test data of ONNX's operators and model zoo. */
public final class TensorFile {
  private static final Set<ElementType> IN_INT32_DATA =
      Set.of(
          ElementType.INT32,
          ElementType.INT16,
          ElementType.INT8,
          ElementType.UINT16,
          ElementType.UINT8,
          ElementType.BOOL);

  private TensorFile() {}

  /**
   * Reads a tensor.
   *
   * @param file for messages
   * @param bytes of it
   * @throws dev.fusewright.io.file.CheckpointException if they are no tensor of numbers
   */
  public static Tensor read(Path file, byte[] bytes) {
    TensorProto proto;
    try {
      proto = TensorProto.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new MalformedFileException(
          Problem.in(file)
              .expected("a tensor: a .npy file of numpy, or a serialised TensorProto")
              .found("something else"),
          e);
    }
    Optional<ElementType> known = ElementType.ofNumber(proto.getDataType());
    boolean isExternal = proto.getDataLocation() == TensorProto.DataLocation.EXTERNAL;
    if (known.isEmpty()
        || known.get() == ElementType.STRING
        || known.get() == ElementType.UNDEFINED
        || isExternal) {
      throw new UnsupportedFormatException(
          Problem.in(file)
              .expected("numbers within the file")
              .found(
                  isExternal ? "external data" : "elements of data type " + proto.getDataType()));
    }
    ElementType type = known.get();
    if (proto.hasRawData()) {
      Shape shape = shape(file, proto, proto.getRawData().size() * 8.0 / type.bits());
      return LiteralTensor.ofBytes(type, shape, proto.getRawData().toByteArray());
    }
    double[] values = typed(file, proto, type);
    return LiteralTensor.ofDoubles(type, shape(file, proto, values.length), values);
  }

  /** Counted as a real number: the product of hostile sizes fits no integer. */
  private static Shape shape(Path file, TensorProto proto, double found) {
    boolean possible = proto.getDimsList().stream().allMatch(dim -> dim >= 0);
    double expected =
        proto.getDimsList().stream().mapToDouble(dim -> dim).reduce(1, (a, b) -> a * b);
    if (!possible || expected != found) {
      throw new MalformedFileException(
          Problem.in(file)
              .expected("elements for the shape " + proto.getDimsList())
              .found(found + " elements"));
    }
    try {
      return new Shape(proto.getDimsList());
    } catch (IllegalArgumentException e) {
      // Sizes whose product passes 2^63 before a zero makes it nothing.
      throw new MalformedFileException(
          Problem.in(file).expected("a shape").found(String.valueOf(e.getMessage())), e);
    }
  }

  private static double[] typed(Path file, TensorProto proto, ElementType type) {
    List<? extends Number> values;
    if (type == ElementType.FLOAT) {
      values = proto.getFloatDataList();
    } else if (type == ElementType.DOUBLE) {
      values = proto.getDoubleDataList();
    } else if (type == ElementType.INT64) {
      values = proto.getInt64DataList();
    } else if (IN_INT32_DATA.contains(type)) {
      values = proto.getInt32DataList();
    } else {
      throw new UnsupportedFormatException(
          Problem.in(file)
              .expected("raw data for elements of the type " + type)
              .found("typed data")
              .hint("save onnx.numpy_helper.from_array(array)"));
    }
    return values.stream().mapToDouble(Number::doubleValue).toArray();
  }
}
