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
package dev.fusewright.io.pt2;

import dev.fusewright.core.graph.Dim;
import dev.fusewright.io.aten.AtenArgument;
import dev.fusewright.io.aten.AtenNode;
import dev.fusewright.io.aten.Parameter;
import dev.fusewright.io.aten.Placed;
import dev.fusewright.io.aten.Program;
import dev.fusewright.io.aten.TensorMeta;
import dev.fusewright.io.file.FileRegion;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * One of the programs of an archive, all of which are one graph: where there are several, the name
 * of each stands before those of its values and parameters.
 *
 * @param prefix of its names in the graph; empty where there is one program
 * @param json its text
 * @param weightsJson the text of its weights' config
 * @param program with the names of the graph
 * @param weights by the names of the graph
 * @param first number of its first node in the graph
 */
record Pt2Program(
    String name,
    String prefix,
    FileRegion json,
    FileRegion weightsJson,
    Program program,
    Map<String, Placed<ConfigEntry>> weights,
    int first) {

  /** A name as the program itself says it. */
  String own(String name) {
    return name.startsWith(prefix) ? name.substring(prefix.length()) : name;
  }

  /** The program with another beginning of all its names. */
  static Program prefixed(Program program, String prefix) {
    if (prefix.isEmpty()) {
      return program;
    }
    UnaryOperator<String> names = name -> name.isEmpty() ? name : prefix + name;
    Map<String, Parameter> parameters = new LinkedHashMap<>();
    program
        .parameters()
        .forEach(
            (input, one) ->
                parameters.put(
                    names.apply(input),
                    new Parameter(names.apply(one.input()), names.apply(one.fqn()), one.kind())));
    Set<String> mutated = new HashSet<>();
    program.mutated().forEach(name -> mutated.add(names.apply(name)));
    Map<String, Placed<TensorMeta>> values = new LinkedHashMap<>();
    program
        .values()
        .forEach(
            (name, meta) ->
                values.put(
                    names.apply(name), new Placed<>(symbols(meta.value(), prefix), meta.span())));
    return new Program(
        program.inputs().stream().map(one -> renamed(one, names)).toList(),
        program.inputSpecs().stream().map(one -> renamed(one, names)).toList(),
        parameters,
        mutated,
        program.outputs().stream().map(names).toList(),
        program.nodes().stream()
            .map(node -> new Placed<>(renamed(node.value(), names), node.span()))
            .toList(),
        values,
        program.opset(),
        program.torchVersion());
  }

  private static Placed<String> renamed(Placed<String> one, UnaryOperator<String> names) {
    return new Placed<>(names.apply(one.value()), one.span());
  }

  private static AtenNode renamed(AtenNode node, UnaryOperator<String> names) {
    return new AtenNode(
        node.target(),
        names.apply(node.name()),
        node.arguments().stream()
            .map(
                one ->
                    new AtenArgument(
                        one.name(), one.value().renamed(names), one.text(), one.span()))
            .toList(),
        node.outputs().stream().map(names).toList(),
        node.targetSpan(),
        node.outputSpan(),
        node.nameSpan());
  }

  /** A size that has the same name in two programs is not the same. */
  private static TensorMeta symbols(TensorMeta meta, String prefix) {
    return new TensorMeta(
        meta.type(),
        meta.dims().stream()
            .map(
                dim ->
                    dim instanceof Dim.Symbolic symbol
                        ? new Dim.Symbolic(prefix + symbol.name())
                        : dim)
            .toList(),
        meta.strides(),
        meta.offset(),
        meta.isStrided());
  }

  /** All programs of an archive as one. */
  static Program together(List<Pt2Program> programs) {
    List<Placed<String>> inputs = new ArrayList<>();
    List<Placed<String>> specs = new ArrayList<>();
    Map<String, Parameter> parameters = new LinkedHashMap<>();
    Set<String> mutated = new HashSet<>();
    List<String> outputs = new ArrayList<>();
    List<Placed<AtenNode>> nodes = new ArrayList<>();
    Map<String, Placed<TensorMeta>> values = new LinkedHashMap<>();
    long opset = 1;
    for (Pt2Program one : programs) {
      Program program = one.program();
      inputs.addAll(program.inputs());
      specs.addAll(program.inputSpecs());
      parameters.putAll(program.parameters());
      mutated.addAll(program.mutated());
      outputs.addAll(program.outputs());
      nodes.addAll(program.nodes());
      values.putAll(program.values());
      opset = Math.max(opset, program.opset());
    }
    String version = programs.get(0).program().torchVersion();
    return new Program(inputs, specs, parameters, mutated, outputs, nodes, values, opset, version);
  }
}
