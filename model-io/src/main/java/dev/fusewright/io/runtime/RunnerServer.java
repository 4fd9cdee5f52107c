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
package dev.fusewright.io.runtime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.verify.ModelRunException;
import dev.fusewright.core.verify.RunFailure;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Answers requests in the child; the only class that loads the native library. */
final class RunnerServer implements AutoCloseable {
  private static final List<String> WORDS = List.of("the", "quick brown fox", "7", "");
  private static final long MOST_WORDS = 1 << 20;

  private final OrtEnvironment environment;
  private final DataOutputStream answers;
  private @Nullable OrtSession session;
  private @Nullable Path folder;

  private RunnerServer(OrtEnvironment environment, DataOutputStream answers) {
    this.environment = environment;
    this.answers = answers;
  }

  /** Loads the runtime and announces its version. */
  static RunnerServer start(DataOutputStream answers) throws IOException {
    OrtEnvironment environment =
        OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, "fusewright");
    answers.writeByte(RunnerProtocol.OK);
    RunnerProtocol.writeText(answers, environment.getVersion());
    answers.flush();
    return new RunnerServer(environment, answers);
  }

  void serve(RunnerRequest request) throws IOException {
    try {
      if (request instanceof RunnerRequest.Open open) {
        open(open);
      } else if (request instanceof RunnerRequest.Run run) {
        run(run);
      } else {
        close();
        answers.writeByte(RunnerProtocol.OK);
      }
    } catch (OrtException e) {
      boolean isOpening = request instanceof RunnerRequest.Open;
      fail(OrtErrors.failure(e, isOpening), OrtErrors.withoutFolder(OrtErrors.message(e), folder));
    } catch (ModelRunException e) {
      fail(e.failure(), String.valueOf(e.getMessage()));
    } catch (OutOfMemoryError e) {
      fail(RunFailure.OUT_OF_MEMORY, "the runner's heap is exhausted: " + e.getMessage());
    }
    answers.flush();
  }

  private void fail(RunFailure failure, String message) throws IOException {
    answers.writeByte(RunnerProtocol.FAILED);
    RunnerProtocol.writeName(answers, failure);
    RunnerProtocol.writeText(answers, message);
  }

  private void open(RunnerRequest.Open request) throws OrtException, IOException {
    folder = Path.of(request.path()).getParent();
    try (SessionOptions options = new SessionOptions()) {
      options.setOptimizationLevel(
          switch (request.evaluation()) {
            case PLAIN -> OptLevel.NO_OPT;
            case REORDERED -> OptLevel.ALL_OPT;
          });
      options.setIntraOpNumThreads(request.threads());
      options.setInterOpNumThreads(1);
      options.setCPUArenaAllocator(false);
      options.setMemoryPatternOptimization(false);
      options.setDeterministicCompute(true);
      // By path, so that external data is found beside the model.
      OrtSession opened = environment.createSession(request.path(), options);
      session = opened;
      answers.writeByte(RunnerProtocol.OK);
      RunnerProtocol.writeSignature(answers, OrtTypes.signature(opened.getInputInfo()));
      RunnerProtocol.writeSignature(answers, OrtTypes.signature(opened.getOutputInfo()));
    }
  }

  private void run(RunnerRequest.Run request) throws OrtException, ModelRunException, IOException {
    OrtSession opened = session;
    if (opened == null) {
      throw new ModelRunException(RunFailure.INVALID_MODEL, "no model is open");
    }
    Map<String, OnnxTensor> inputs = new HashMap<>();
    try {
      for (Map.Entry<String, RunnerRequest.Input> entry : request.inputs().entrySet()) {
        inputs.put(entry.getKey(), tensor(entry.getKey(), entry.getValue()));
      }
      try (OrtSession.Result result = opened.run(inputs, new LinkedHashSet<>(request.outputs()))) {
        // Copied out before the first byte is answered: from then on nothing may fail.
        List<OrtTypes.Output> outputs = OrtTypes.outputs(request.outputs(), result);
        answers.writeByte(RunnerProtocol.OK);
        for (OrtTypes.Output output : outputs) {
          RunnerProtocol.writeHeader(answers, output.header());
          ByteBuffer bytes = output.bytes();
          answers.write(bytes.array(), bytes.arrayOffset(), bytes.limit());
        }
      }
    } finally {
      inputs.values().forEach(OnnxValue::close);
    }
  }

  private OnnxTensor tensor(String name, RunnerRequest.Input input)
      throws OrtException, ModelRunException {
    RunnerProtocol.Header header = input.header();
    if (!input.fits()) {
      throw new ModelRunException(
          RunFailure.OUT_OF_MEMORY,
          "input '%s' of %d bytes does not fit into the runner's memory"
              .formatted(name, header.byteCount()));
    }
    long[] dims = header.shape().dims().stream().mapToLong(Long::longValue).toArray();
    if (header.type() == ElementType.STRING) {
      return OnnxTensor.createTensor(environment, words(header.shape().elementCount()), dims);
    }
    return OnnxTensor.createTensor(
        environment, input.bytes(), dims, OrtTypes.javaType(name, header.type()));
  }

  /** Strings for an input of so many; they take part in no arithmetic, so that any will do. */
  private static String[] words(long count) throws ModelRunException {
    if (count > MOST_WORDS) {
      throw new ModelRunException(
          RunFailure.OUT_OF_MEMORY, "%d strings do not fit into the runner".formatted(count));
    }
    String[] words = new String[(int) count];
    Arrays.setAll(words, i -> WORDS.get(i % WORDS.size()));
    return words;
  }

  /** Releases the loaded model, if there is one. */
  @Override
  public void close() {
    OrtSession opened = session;
    session = null;
    if (opened != null) {
      try {
        opened.close();
      } catch (OrtException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
