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

import dev.fusewright.io.onnx.proto.FunctionProto;
import dev.fusewright.io.onnx.proto.GraphProto;

/**
 * What a field of a scope's message is to the graph model; everything else is copied without being
 * understood.
 */
enum Role {
  NODE,
  INITIALIZER,
  SPARSE_INITIALIZER,
  INPUT,
  OUTPUT,
  VALUE_INFO,
  ANNOTATION,
  OTHER;

  static Role ofGraphField(int number) {
    return switch (number) {
      case GraphProto.NODE_FIELD_NUMBER -> NODE;
      case GraphProto.INITIALIZER_FIELD_NUMBER -> INITIALIZER;
      case GraphProto.SPARSE_INITIALIZER_FIELD_NUMBER -> SPARSE_INITIALIZER;
      case GraphProto.INPUT_FIELD_NUMBER -> INPUT;
      case GraphProto.OUTPUT_FIELD_NUMBER -> OUTPUT;
      case GraphProto.VALUE_INFO_FIELD_NUMBER -> VALUE_INFO;
      case GraphProto.QUANTIZATION_ANNOTATION_FIELD_NUMBER -> ANNOTATION;
      default -> OTHER;
    };
  }

  static Role ofFunctionField(int number) {
    return switch (number) {
      case FunctionProto.NODE_FIELD_NUMBER -> NODE;
      case FunctionProto.INPUT_FIELD_NUMBER -> INPUT;
      case FunctionProto.OUTPUT_FIELD_NUMBER -> OUTPUT;
      case FunctionProto.VALUE_INFO_FIELD_NUMBER -> VALUE_INFO;
      default -> OTHER;
    };
  }

  /** The field of a GraphProto that holds this. */
  int graphField() {
    return switch (this) {
      case NODE -> GraphProto.NODE_FIELD_NUMBER;
      case INITIALIZER -> GraphProto.INITIALIZER_FIELD_NUMBER;
      case SPARSE_INITIALIZER -> GraphProto.SPARSE_INITIALIZER_FIELD_NUMBER;
      case INPUT -> GraphProto.INPUT_FIELD_NUMBER;
      case OUTPUT -> GraphProto.OUTPUT_FIELD_NUMBER;
      case VALUE_INFO -> GraphProto.VALUE_INFO_FIELD_NUMBER;
      case ANNOTATION -> GraphProto.QUANTIZATION_ANNOTATION_FIELD_NUMBER;
      case OTHER -> throw new IllegalStateException("no field");
    };
  }

  /** The field of a FunctionProto that holds this. */
  int functionField() {
    return switch (this) {
      case NODE -> FunctionProto.NODE_FIELD_NUMBER;
      case INPUT -> FunctionProto.INPUT_FIELD_NUMBER;
      case OUTPUT -> FunctionProto.OUTPUT_FIELD_NUMBER;
      case VALUE_INFO -> FunctionProto.VALUE_INFO_FIELD_NUMBER;
      case INITIALIZER, SPARSE_INITIALIZER, ANNOTATION, OTHER ->
          throw new IllegalStateException("a function has no " + this);
    };
  }
}
