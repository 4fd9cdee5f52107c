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
package dev.fusewright.core.text;

import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.tensor.StoredTensor;
import dev.fusewright.core.tensor.Tensor;
import java.util.Map;

/**
 * Models from and to ONNX's textual syntax; the package says which part of it, and what is added.
 */
public final class GraphText {
  /** The most elements of a tensor that the short form shows. */
  public static final int SHORT_FORM_ELEMENTS = 8;

  private GraphText() {}

  /**
   * Reads a model. Nodes get ids in the order in which they begin in the text, bodies after the
   * node that holds them, functions after the graph.
   *
   * <p>Only the syntax is judged: whether the graph is sound says {@link
   * dev.fusewright.core.graph.GraphInvariants}.
   *
   * @throws TextSyntaxException saying where the text is wrong
   */
  public static ModelGraph parse(String text) {
    return new TextParser(text, Elision.REFUSED, "").model();
  }

  /**
   * Reads a model whose tensors need not have their values: also the short form.
   *
   * @param resource that the text is from, for errors of reading values that it does not have
   * @throws TextSyntaxException saying where the text is wrong
   */
  public static ParsedText parseShort(String text, String resource) {
    TextParser parser = new TextParser(text, Elision.ACCEPTED, resource);
    ModelGraph model = parser.model();
    return new ParsedText(model, parser.metadata(), parser.elided());
  }

  /** Whether a tensor is one whose values its text leaves out. */
  public static boolean isElided(Tensor tensor) {
    return tensor instanceof StoredTensor stored && stored.source() instanceof ElidedValues;
  }

  /** The whole model with all elements of all tensors; {@link #parse} reads it back. */
  public static String print(ModelGraph model) {
    return print(model, Map.of());
  }

  /** The whole model with all elements of all tensors, and metadata in its header. */
  public static String print(ModelGraph model, Map<String, String> metadata) {
    return new TextPrinter(Integer.MAX_VALUE).model(model, metadata);
  }

  /**
   * The whole model for people: tensors of more than {@value #SHORT_FORM_ELEMENTS} elements are
   * abbreviated.
   */
  public static String printShort(ModelGraph model) {
    return new TextPrinter(SHORT_FORM_ELEMENTS).model(model, Map.of());
  }

  /** One scope in the short form. */
  public static String printShort(Graph graph) {
    return new TextPrinter(SHORT_FORM_ELEMENTS).graph(graph);
  }

  /** One node in the short form, on one line unless it has bodies. */
  public static String printShort(Node node) {
    return new TextPrinter(SHORT_FORM_ELEMENTS).node(node);
  }

  /**
   * A tensor's type and elements in the short form, for example <code>float[2] {0.5, 1.0}</code>.
   */
  public static String printShort(Tensor tensor) {
    return new TextPrinter(SHORT_FORM_ELEMENTS).tensor(tensor);
  }
}
