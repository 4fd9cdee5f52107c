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
package dev.fusewright.core.graph;

/**
 * An operator: a domain and a type within it.
 *
 * @param domain empty for ONNX's own operators; {@code ai.onnx} is normalized to that
 * @param type for example {@code Conv}
 */
public record OpKind(String domain, String type) {
  public static final OpKind CONV = onnx("Conv");
  public static final OpKind CONV_TRANSPOSE = onnx("ConvTranspose");
  public static final OpKind GEMM = onnx("Gemm");
  public static final OpKind MAT_MUL = onnx("MatMul");
  public static final OpKind BATCH_NORMALIZATION = onnx("BatchNormalization");
  public static final OpKind RELU = onnx("Relu");
  public static final OpKind ADD = onnx("Add");
  public static final OpKind SUB = onnx("Sub");
  public static final OpKind MUL = onnx("Mul");
  public static final OpKind DIV = onnx("Div");
  public static final OpKind PAD = onnx("Pad");
  public static final OpKind AVERAGE_POOL = onnx("AveragePool");
  public static final OpKind MAX_POOL = onnx("MaxPool");
  public static final OpKind CONCAT = onnx("Concat");
  public static final OpKind FLATTEN = onnx("Flatten");
  public static final OpKind RESHAPE = onnx("Reshape");
  public static final OpKind SHAPE = onnx("Shape");
  public static final OpKind SIZE = onnx("Size");
  public static final OpKind TRANSPOSE = onnx("Transpose");
  public static final OpKind UNSQUEEZE = onnx("Unsqueeze");
  public static final OpKind SQUEEZE = onnx("Squeeze");
  public static final OpKind IDENTITY = onnx("Identity");
  public static final OpKind DROPOUT = onnx("Dropout");
  public static final OpKind CAST = onnx("Cast");
  public static final OpKind CONSTANT = onnx("Constant");
  public static final OpKind CONSTANT_OF_SHAPE = onnx("ConstantOfShape");
  public static final OpKind QUANTIZE_LINEAR = onnx("QuantizeLinear");
  public static final OpKind DEQUANTIZE_LINEAR = onnx("DequantizeLinear");

  /** Normalizes the domain. */
  public OpKind {
    if (domain.equals("ai.onnx")) {
      domain = "";
    }
  }

  /** An operator of ONNX's own domain. */
  public static OpKind onnx(String type) {
    return new OpKind("", type);
  }

  /** {@code Conv}, or {@code com.microsoft.FusedConv}. */
  @Override
  public String toString() {
    return domain.isEmpty() ? type : domain + "." + type;
  }
}
