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

import dev.fusewright.core.tensor.Tensor;
import java.util.List;

/** The value of a node's attribute. */
public sealed interface Attribute {
  /** An INT attribute. */
  record Int(long value) implements Attribute {}

  /**
   * A real number. ONNX stores float32, of which every value is a double; graphs made of PyTorch's
   * modules hold the doubles that Python computes with.
   */
  record Real(double value) implements Attribute {}

  /** A STRING attribute, decoded as UTF-8. */
  record Text(String value) implements Attribute {}

  /** A TENSOR attribute. */
  record TensorValue(Tensor value) implements Attribute {}

  /** A GRAPH attribute: the body of an If, Loop or Scan. */
  record Body(Graph value) implements Attribute {}

  /** An INTS attribute. */
  record Ints(List<Long> values) implements Attribute {
    public Ints {
      values = List.copyOf(values);
    }
  }

  /** A FLOATS attribute. */
  record Reals(List<Float> values) implements Attribute {
    public Reals {
      values = List.copyOf(values);
    }
  }

  /** A STRINGS attribute, decoded as UTF-8. */
  record Texts(List<String> values) implements Attribute {
    public Texts {
      values = List.copyOf(values);
    }
  }

  /** A GRAPHS attribute. */
  record Bodies(List<Graph> values) implements Attribute {
    public Bodies {
      values = List.copyOf(values);
    }
  }

  /**
   * Inside a function: the attribute of this name that the call passes ({@code ref_attr_name}).
   *
   * @param type as ONNX's text form spells it, for example {@code ints}; empty where the file does
   *     not say
   */
  record Reference(String name, String type) implements Attribute {}

  /** Any other kind; survives because its bytes are copied, and rules must not read past it. */
  record Opaque(String kind) implements Attribute {}
}
