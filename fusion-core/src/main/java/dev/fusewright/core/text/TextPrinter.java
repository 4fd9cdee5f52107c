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

import dev.fusewright.core.graph.Attribute;
import dev.fusewright.core.graph.Dim;
import dev.fusewright.core.graph.Function;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.tensor.ElementCodec;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.Tensors;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Printer of the syntax that {@link TextParser} reads. */
final class TextPrinter {
  private static final String STEP = "   ";

  private final int maxElements;
  private final StringBuilder out = new StringBuilder();
  private String indent = "";

  /**
   * A printer for one call.
   *
   * @param maxElements of a tensor; larger ones are abbreviated
   */
  TextPrinter(int maxElements) {
    this.maxElements = maxElements;
  }

  String model(ModelGraph model, Map<String, String> metadata) {
    out.append("<ir_version: ").append(model.irVersion());
    out.append(", opset_import: ").append(opsets(model.opsets()));
    if (!metadata.isEmpty()) {
      out.append(", metadata_props: ").append(properties(metadata));
    }
    out.append(">\n");
    write(model.graph());
    out.append('\n');
    for (Function function : model.functions()) {
      out.append('\n');
      write(function);
      out.append('\n');
    }
    return out.toString();
  }

  String graph(Graph graph) {
    write(graph);
    return out.append('\n').toString();
  }

  String node(Node node) {
    write(node);
    return out.toString();
  }

  String tensor(Tensor tensor) {
    write(tensor, " ");
    return out.toString();
  }

  private static String opsets(Map<String, Long> opsets) {
    return opsets.entrySet().stream()
        .map(opset -> quoted(opset.getKey()) + " : " + opset.getValue())
        .collect(Collectors.joining(", ", "[", "]"));
  }

  private static String properties(Map<String, String> properties) {
    return properties.entrySet().stream()
        .map(property -> quoted(property.getKey()) + " : " + quoted(property.getValue()))
        .collect(Collectors.joining(", ", "[", "]"));
  }

  private void write(Graph graph) {
    out.append(name(graph.name())).append(' ').append(values(graph.inputs()));
    out.append(" => ").append(values(graph.outputs())).append('\n');
    if (!graph.initializers().isEmpty() || !graph.valueInfos().isEmpty()) {
      out.append(indent).append(STEP).append('<');
      String separator = "";
      for (Initializer initializer : graph.initializers()) {
        out.append(separator);
        write(initializer.tensor(), " " + name(initializer.name()) + " = ");
        separator = ",\n" + indent + STEP + " ";
      }
      for (ValueInfo value : graph.valueInfos()) {
        out.append(separator).append(value(value));
        separator = ", ";
      }
      out.append(">\n");
    }
    write(graph.nodes());
  }

  private void write(Function function) {
    out.append("<domain: ").append(quoted(function.op().domain()));
    if (!function.overload().isEmpty()) {
      out.append(", overload: ").append(quoted(function.overload()));
    }
    out.append(", opset_import: ").append(opsets(function.opsets())).append(">\n");
    out.append(name(function.op().type())).append(' ');
    if (!function.attributes().isEmpty() || !function.defaults().isEmpty()) {
      out.append('<').append(names(function.attributes()));
      String separator = function.attributes().isEmpty() ? "" : ", ";
      for (Map.Entry<String, Attribute> entry : function.defaults().entrySet()) {
        out.append(separator).append(name(entry.getKey()));
        write(entry.getValue());
        separator = ", ";
      }
      out.append("> ");
    }
    out.append(values(function.body().inputs()))
        .append(" => ")
        .append(values(function.body().outputs()))
        .append('\n');
    if (!function.body().valueInfos().isEmpty()) {
      String typed = values(function.body().valueInfos());
      out.append(STEP).append('<').append(typed, 1, typed.length() - 1).append(">\n");
    }
    write(function.body().nodes());
  }

  private void write(List<Node> nodes) {
    out.append(indent).append("{\n");
    String outer = indent;
    indent += STEP;
    for (Node node : nodes) {
      out.append(indent);
      write(node);
      out.append('\n');
    }
    indent = outer;
    out.append(indent).append('}');
  }

  private void write(Node node) {
    if (!node.name().isEmpty()) {
      out.append('[').append(name(node.name())).append("] ");
    }
    out.append(names(node.outputs())).append(" = ");
    if (!node.op().domain().isEmpty()) {
      out.append(domain(node.op().domain())).append('.');
    }
    out.append(name(node.op().type()));
    // Bodies are long: they come after the inputs, as in ONNX's printer.
    boolean bodies = !node.bodies().isEmpty();
    if (!bodies) {
      write(node.attributes());
    }
    out.append(" (").append(names(node.inputs())).append(')');
    if (bodies) {
      write(node.attributes());
    }
  }

  private void write(Map<String, Attribute> attributes) {
    if (attributes.isEmpty()) {
      return;
    }
    String separator = " <";
    for (Map.Entry<String, Attribute> attribute : attributes.entrySet()) {
      out.append(separator).append(name(attribute.getKey()));
      write(attribute.getValue());
      separator = ", ";
    }
    out.append('>');
  }

  private void write(Attribute attribute) {
    if (attribute instanceof Attribute.Opaque opaque) {
      out.append(": ").append(opaque.kind()).append(" = …");
    } else if (attribute instanceof Attribute.Reference reference) {
      out.append(reference.type().isEmpty() ? "" : ": " + reference.type());
      out.append(" = @").append(name(reference.name()));
    } else if (attribute instanceof Attribute.Int value) {
      out.append(" = ").append(value.value());
    } else if (attribute instanceof Attribute.Real value) {
      out.append(" = ").append(real(value.value()));
    } else if (attribute instanceof Attribute.Text value) {
      out.append(" = ").append(quoted(value.value()));
    } else if (attribute instanceof Attribute.TensorValue value) {
      out.append(" = ");
      write(value.value(), " ");
    } else if (attribute instanceof Attribute.Body body) {
      out.append(" = ");
      writeBody(body.value());
    } else if (attribute instanceof Attribute.Ints list) {
      write(attribute, list.values().stream().map(String::valueOf).toList());
    } else if (attribute instanceof Attribute.Reals list) {
      write(attribute, list.values().stream().map(TextPrinter::real).toList());
    } else if (attribute instanceof Attribute.Texts list) {
      write(attribute, list.values().stream().map(TextPrinter::quoted).toList());
    } else if (attribute instanceof Attribute.Bodies list) {
      out.append(list.values().isEmpty() ? ": graphs = [" : " = [");
      String separator = "";
      for (Graph body : list.values()) {
        out.append(separator);
        writeBody(body);
        separator = ", ";
      }
      out.append(']');
    }
  }

  private void write(Attribute list, Collection<String> values) {
    if (values.isEmpty()) {
      out.append(": ").append(AttributeParser.typeOf(list));
    }
    out.append(" = [").append(String.join(", ", values)).append(']');
  }

  private void writeBody(Graph body) {
    String outer = indent;
    indent += STEP;
    write(body);
    indent = outer;
  }

  private void write(Tensor tensor, String between) {
    out.append(tensor.type().text());
    if (tensor.shape().rank() > 0) {
      out.append(tensor.shape());
    }
    out.append(between).append('{');
    long count = tensor.shape().elementCount();
    if (count > maxElements || !ElementCodec.supports(tensor.type())) {
      out.append("… ").append(count).append(" values");
    } else if (tensor.type() == ElementType.INT64) {
      String separator = "";
      for (long value : Tensors.longs(tensor, maxElements)) {
        out.append(separator).append(value);
        separator = ", ";
      }
    } else {
      Tensors.forEachChunk(
          tensor,
          (first, values, n) -> {
            for (int i = 0; i < n; i++) {
              out.append(first + i == 0 ? "" : ", ").append(element(tensor.type(), values[i]));
            }
          });
    }
    out.append('}');
  }

  private static String element(ElementType type, double value) {
    if (type == ElementType.FLOAT) {
      return real((float) value);
    }
    if (type.isFoldable()) {
      return Double.isFinite(value) ? Double.toString(value) : real((float) value);
    }
    return Long.toString((long) value);
  }

  /**
   * As short as the number allows: what float32 holds is not printed with the digits of a double.
   */
  private static String real(double value) {
    if (Double.isFinite(value)) {
      return (float) value == value ? Float.toString((float) value) : Double.toString(value);
    }
    return Double.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
  }

  private static String values(List<ValueInfo> values) {
    return values.stream().map(TextPrinter::value).collect(Collectors.joining(", ", "(", ")"));
  }

  private static String value(ValueInfo value) {
    if (value.type() == ElementType.UNDEFINED) {
      return name(value.name());
    }
    List<Dim> dims = value.dims();
    String shape =
        dims == null
            ? "[]"
            : dims.isEmpty()
                ? ""
                : dims.stream().map(TextPrinter::dim).collect(Collectors.joining(",", "[", "]"));
    return value.type().text() + shape + " " + name(value.name());
  }

  private static String dim(Dim dim) {
    return dim instanceof Dim.Symbolic symbol ? name(symbol.name()) : dim.toString();
  }

  private static String domain(String domain) {
    List<String> parts = new ArrayList<>(List.of(domain.split("\\.", -1)));
    return parts.stream().map(TextPrinter::name).collect(Collectors.joining("."));
  }

  private static String names(Collection<String> names) {
    return names.stream().map(TextPrinter::name).collect(Collectors.joining(", "));
  }

  /** A name, in quotes where it would be read as something else. */
  private static String name(String name) {
    boolean plain =
        Lexer.isIdentifier(name)
            && !Lexer.isSpecialReal(name)
            && ElementType.ofText(name).isEmpty();
    return plain ? name : quoted(name);
  }

  private static String quoted(String text) {
    return "\"" + Printable.line(text.replace("\\", "\\\\").replace("\"", "\\\"")) + "\"";
  }
}
